//! Which requests are answered. A browser also runs pages from elsewhere, and these may send requests to this machine: with a foreign `Origin`, or, if a foreign
//! name points to this machine, with that name as `Host`. Neither is answered.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Uri};
use std::net::SocketAddr;

/// Why a request is not answered: a sentence, and what to do.
pub(super) fn refusal(uri: &Uri, headers: &HeaderMap, at: SocketAddr) -> Option<String> {
    let open = format!("Open http://{} instead.", address(at));
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Some(format!("A request names the host that it is for, once. {open}"));
    };
    let host = host.to_str().unwrap_or_default();
    for host in [Some(host), uri.authority().map(|authority| authority.as_str())].into_iter().flatten() {
        if !is_ours(host, at) {
            return Some(format!("This explorer is not at {host:?}. {open}"));
        }
    }
    for origin in headers.get_all(ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        if !origin.strip_prefix("http://").is_some_and(|host| is_ours(host, at)) {
            return Some(format!("A page from {origin:?} may not ask this explorer. {open}"));
        }
    }
    // Browsers say where a request comes from, even where they name no origin.
    let site = headers.get("sec-fetch-site").map(|site| site.to_str().unwrap_or_default());
    let goes_there = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
    if site.is_some_and(|site| !["same-origin", "none"].contains(&site)) && !goes_there {
        return Some(format!("A page from elsewhere may not ask this explorer. {open}"));
    }
    None
}

/// The address as it stands in a URL.
fn address(at: SocketAddr) -> SocketAddr {
    // A socket for both versions of IP calls an address of the older one so.
    SocketAddr::new(at.ip().to_canonical(), at.port())
}

/// Whether a host with its port is this machine by its own name or number, or the number to which the client is connected.
fn is_ours(host: &str, at: SocketAddr) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        // Not within the brackets of a number of IPv6.
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (host, "80"),
    };
    if port.parse() != Ok(at.port()) {
        return false;
    }
    let number = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| own.eq_ignore_ascii_case(name))
        || number.parse() == Ok(address(at).ip())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    const AT: &str = "127.0.0.1:3000";

    fn asked(at: &str, uri: &str, headers: &[(&str, &str)]) -> Option<String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        refusal(&uri.parse().unwrap(), &map, at.parse().unwrap())
    }

    #[test]
    fn the_machine_itself_may_ask() {
        for host in ["127.0.0.1:3000", "localhost:3000", "LOCALHOST:3000", "[::1]:3000"] {
            assert_eq!(asked(AT, "/", &[("host", host)]), None, "{host}");
            assert_eq!(asked(AT, "/", &[("host", host), ("origin", &format!("http://{host}"))]), None);
        }
        assert_eq!(asked("[::1]:80", "/", &[("host", "localhost")]), None);
        assert_eq!(asked("[2001:db8::7]:3000", "/", &[("host", "[2001:db8::7]:3000")]), None);
        assert_eq!(asked("[::ffff:192.0.2.7]:3000", "/", &[("host", "192.0.2.7:3000")]), None);
        // A link on somebody's page may lead here.
        let link = [("host", AT), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        assert_eq!(asked(AT, "/", &link), None);
    }

    #[test]
    fn strangers_may_not() {
        for host in [
            "evil.example:3000",
            "127.0.0.1",
            "127.0.0.1:3001",
            "192.0.2.7:3000",
            "localhost.evil.example:3000",
            "evil.example:3000@127.0.0.1:3000",
            "127.0.0.1:3000.evil.example",
            "[::1]",
            "",
        ] {
            let words = asked(AT, "/", &[("host", host)]).unwrap_or_else(|| panic!("{host:?} may ask"));
            assert!(words.contains("Open http://127.0.0.1:3000 instead"), "{words}");
        }
        assert!(asked(AT, "/", &[]).is_some());
        assert!(asked(AT, "/", &[("host", AT), ("host", "evil.example")]).is_some());
        assert!(asked(AT, "http://evil.example/", &[("host", AT)]).is_some());
        for origin in ["http://evil.example", "https://127.0.0.1:3000", "null", "http://127.0.0.1:3001"] {
            assert!(asked(AT, "/ask", &[("host", AT), ("origin", origin)]).is_some(), "{origin}");
        }
        assert!(asked(AT, "/ask", &[("host", AT), ("sec-fetch-site", "same-site")]).is_some());
    }
}
