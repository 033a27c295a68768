//! Makes one HTML file of `explorer/page/index.html`. Style, scripts and WebAssembly are inside, and a policy lets nothing else run.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::io;

/// What goes into the file.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    /// The page's script.
    pub(crate) script: &'a str,
    /// The workers' script.
    pub(crate) worker: &'a str,
    /// The WebAssembly.
    pub(crate) wasm: &'a [u8],
}

/// The file. `read` knows the style sheets.
pub(crate) fn one_file(
    index: &str,
    parts: &Parts<'_>,
    read: impl Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let Parts { script, worker, wasm } = parts;
    let script = format!("\n{script}");
    let mut styles = String::from("\n");
    // Where the style goes: behind the head's other elements, before the page's.
    let (mut head, mut body) = (String::new(), String::new());
    let mut is_body = false;
    for (line, number) in index.lines().zip(1..) {
        let fault = |why: &str| format!("explorer/page/index.html:{number}: {why}: {}", line.trim());
        is_body |= line.trim() == "</head>";
        let sheet = line.trim().strip_prefix("<link rel=\"stylesheet\" href=\"page/");
        if let Some(name) = sheet.and_then(|rest| rest.strip_suffix("\">")) {
            let text = read(name).ok_or_else(|| fault("there is no such style sheet"))?;
            if ["url(", "@import", "</"].iter().any(|part| text.contains(part)) {
                return Err(format!("explorer/page/{name}: a style sheet that needs another file"));
            }
            styles.push_str(&text);
        } else if line.trim() == "<script type=\"module\" src=\"page/main.js\"></script>" {
            let packed = STANDARD.encode(gzip(wasm).map_err(|error| error.to_string())?);
            for (id, kind, text) in [
                ("worker", "text/plain", format!("\n{}", inert(worker)?)),
                ("wasm", "application/gzip", packed),
            ] {
                let _ = writeln!(body, "<script id=\"{id}\" type=\"{kind}\">{text}</script>");
            }
            let _ = writeln!(body, "<script>{}</script>", inert(&script)?);
        } else if line.contains("page/") || line.contains("<script") {
            return Err(fault("the file can hold nothing of this form"));
        } else {
            let _ = writeln!(if is_body { &mut body } else { &mut head }, "{line}");
            if line.trim().starts_with("<meta charset=") {
                // Filled in below. The policy comes before all that it judges.
                head.push_str("POLICY\n");
            }
        }
    }
    if !head.contains("POLICY") || !body.contains("<script>") {
        return Err("explorer/page/index.html: no place for the policy or the script".into());
    }
    let policy = policy(&script, &styles);
    let head = head.replacen("POLICY", &policy, 1);
    Ok(format!("{head}<style>{styles}</style>\n{body}"))
}

/// Only this script and this style; workers made by the script; pictures made by the script; no network. The policy holds in the workers, too.
fn policy(script: &str, styles: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {} 'wasm-unsafe-eval'; style-src {}; \
         img-src data: blob:; worker-src blob:; connect-src 'none'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">",
        hash(script),
        hash(styles),
    )
}

/// The text, if it can stand in a script element as it is.
fn inert(text: &str) -> Result<&str, String> {
    let small = text.to_ascii_lowercase();
    match ["</script", "<!--"].iter().find(|part| small.contains(**part)) {
        Some(part) => Err(format!("a script that holds {part} cannot stand in HTML")),
        None => Ok(text),
    }
}

/// With gzip; the same octets every time.
pub(crate) fn gzip(octets: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    io::Write::write_all(&mut encoder, octets)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "<html>\n<head>\n<meta charset=\"utf-8\">\n<link rel=\"stylesheet\" href=\"page/a.css\">\n</head>\n<body>\n\
        <script type=\"module\" src=\"page/main.js\"></script>\n</body>\n</html>\n";

    fn made(index: &str, script: &str, style: &str) -> Result<String, String> {
        let parts = Parts { script, worker: "work();", wasm: b"\0asm" };
        one_file(index, &parts, |name| (name == "a.css").then(|| style.to_owned()))
    }

    #[test]
    fn the_policy_knows_what_the_file_holds() {
        let page = made(INDEX, "run();\n", "p {}\n").unwrap();
        for (begin, end) in [("<style>", "</style>"), ("<script>", "</script>")] {
            let text = page.split_once(begin).unwrap().1.split_once(end).unwrap().0;
            let hash = STANDARD.encode(Sha256::digest(text));
            assert!(page.contains(&format!("-src 'sha256-{hash}'")), "{begin}: {page}");
        }
        assert!(page.contains("<script id=\"worker\" type=\"text/plain\">\nwork();</script>"));
        assert!(!page.contains("page/"), "{page}");
    }

    #[test]
    fn what_cannot_be_held_is_refused() {
        assert!(made(INDEX, "f('</script>');", "").unwrap_err().contains("</script"));
        assert!(made(INDEX, "", "p { background: url(x.png) }").unwrap_err().contains("a.css"));
        let other = INDEX.replace("a.css", "b.css");
        assert!(made(&other, "", "").unwrap_err().starts_with("explorer/page/index.html:4: "));
        let other = INDEX.replace("</head>", "<img src=\"page/x.png\">");
        assert!(made(&other, "", "").unwrap_err().starts_with("explorer/page/index.html:5: "));
    }
}
