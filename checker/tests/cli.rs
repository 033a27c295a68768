//! The command line as a user meets it: output, errors, exit status.

#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

mod common;

use pcap_file::pcapng::{Block, PcapNgReader};
use std::net::TcpListener;
use std::process::{Command, Output};

fn tcpspec(arguments: &[&str]) -> Output {
    common::tcpspec().args(arguments).output().unwrap()
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}

/// Wrong use: status 2, nothing on stdout, and what to do on stderr.
fn refused(arguments: &[&str], says: &[&str]) {
    let output = tcpspec(arguments);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert_eq!(text(&output.stdout), "", "{arguments:?}");
    for part in says {
        assert!(error.contains(part), "{arguments:?}: no `{part}` in: {error}");
    }
}

#[test]
fn all_of_a_scenario_is_told_if_it_is_asked_for() {
    let output = tcpspec(&["check", "simultaneous-open/in-order", "--verbose"]);
    let text = text(&output.stdout);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    // Without the line breaks.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.status.code(), Some(0));
    for part in [
        "27 unique states of 35 generated",
        "bounds: 4-bit numbers",
        "holds always when the SYNs cross on a perfect network, exactly four segments are exchanged",
        "holds sometimes ",
        "actions that happened: active OPEN, delivery memory: ",
        "Actions that never happened here: passive OPEN, SEND, ",
        " of 218 rows never fired: open_passive, ",
        "✓ 23 claims of 1 scenario hold within bounds: ",
    ] {
        assert!(text.contains(part), "no `{part}` in:\n{text}");
    }
}

#[test]
fn a_scenario_can_be_had_without_its_variants() {
    let names = |arguments: &[&str]| -> Vec<String> {
        let output = tcpspec(&[&["check", "simultaneous-close", "--json"], arguments].concat());
        let reports: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let names = reports.as_array().unwrap().iter().map(|report| report["scenario"].as_str().unwrap());
        names.map(str::to_owned).collect()
    };
    assert!(names(&["--bound", "losses=0"]).len() > 1);
    assert_eq!(names(&["--bound", "losses=0", "--exact"]), ["simultaneous-close"]);
    refused(&["check", "--exact"], &["SCENARIOS"]);
    refused(&["check", "hazard-1337", "--exact"], &["no scenario is called exactly `hazard-1337`"]);
}

#[test]
fn machines_get_json() {
    let output = tcpspec(&["check", "simultaneous-open/letter", "--json"]);
    let reports: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let report = &reports[0];
    assert_eq!(report["unique_states"], 31);
    assert_eq!(report["total_states"], 41);
    assert_eq!(report["holds"], true);
    assert!(report["rows_never_fired"].as_array().unwrap().len() > 50);
    let failing =
        report["claims"].as_array().unwrap().iter().find(|claim| claim["verdict"] == "fails-as-expected");
    assert!(!failing.unwrap()["counterexample"].as_array().unwrap().is_empty());
}

#[test]
fn the_trace_is_the_textbooks() {
    let output = tcpspec(&["trace", "simultaneous-open"]);
    let ladder = text(&output.stdout);
    let syns = ladder.matches("<CTL=SYN>").count();
    assert!(syns >= 2 && ladder.contains("<CTL=SYN,ACK>") && ladder.contains("ESTABLISHED"), "{ladder}");
    let file = std::env::temp_dir().join(format!("tcpspec-ladder-{}.svg", std::process::id()));
    let output = tcpspec(&["trace", "handshake-close", "--svg", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    let svg = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
}

#[test]
fn the_table_has_five_faces() {
    for (format, part) in [
        ("md", "rst_passive"),
        ("svg", "<svg"),
        ("mermaid", "stateDiagram-v2"),
        ("dot", "digraph"),
        ("json", "\"rst_passive\""),
    ] {
        let output = tcpspec(&["table", "--format", format]);
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert!(text(&output.stdout).contains(part), "{format}");
    }
}

#[test]
fn a_fault_is_noticed_by_the_claim_that_speaks_of_it() {
    let file = std::env::temp_dir().join(format!("tcpspec-mutants-{}.json", std::process::id()));
    let arguments = [
        "mutate",
        "rst_passive",
        "--scenario",
        "reset/crossed",
        "--json",
        "--resume",
        file.to_str().unwrap(),
    ];
    let output = tcpspec(&arguments);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["mutants"].as_array().unwrap().len(), 7);
    let negated = "rst_passive with `opened_passively` negated";
    let mutants = report["mutants"].as_array().unwrap();
    let killed = &mutants.iter().find(|mutant| mutant["mutant"] == negated).unwrap()["fate"]["killed"];
    assert_eq!(killed["claim"], "SYN-RECEIVED returns to LISTEN only after a passive OPEN");
    assert_eq!(killed["steps"], 6);
    // What is finished is not run again: what was written of it is believed.
    let kept = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, kept.replace("\"steps\": 6", "\"steps\": 7")).unwrap();
    let again: serde_json::Value = serde_json::from_slice(&tcpspec(&arguments).stdout).unwrap();
    std::fs::remove_file(&file).unwrap();
    let mutants = again["mutants"].as_array().unwrap();
    let killed = &mutants.iter().find(|mutant| mutant["mutant"] == negated).unwrap()["fate"]["killed"];
    assert_eq!(killed["steps"], 7);
}

#[test]
fn wrong_use_says_what_to_do() {
    refused(&["check", "simultanous-open"], &["did you mean `simultaneous-open`?", "tcpspec list"]);
    refused(&["trace", "qqq"], &["there is no scenario `qqq`", "tcpspec list"]);
    refused(&["check", "--jsn"], &["--jsn", "--json"]);
    refused(&["chekc"], &["chekc", "check"]);
    refused(&["check", "--set", "rfc1338=off"], &["no option `rfc1338`", "rfc1337"]);
    refused(&["check", "--set", "rfc1337"], &["OPTION=on"]);
    refused(&["check", "--bound", "losss=1"], &["no bound `losss`", "did you mean `losses`?"]);
    refused(&["check", "--bound", "window=8"], &["window cannot be `8`", "1 to 7"]);
    refused(&["check", "reset", "--bound", "losses=uncounted"], &["reset: `uncounted` needs merging=on"]);
    refused(&["trace", "reset", "--bound", "in-flight=7"], &["in-flight cannot be `7`"]);
    refused(&["check", "fast-close", "--doc", "x.md"], &["--deep"]);
    refused(&["mutate", "rst_pasive"], &["no row `rst_pasive`", "did you mean `rst_passive`?"]);
    refused(&["table", "--format", "pdf"], &["pdf", "mermaid"]);
    refused(&["trace", "reset", "--svg", "/no/such/folder/x.svg"], &["cannot write /no/such/folder/x.svg"]);
    refused(&["explore", "--port", "70000"], &["70000"]);
}

#[test]
fn a_port_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    refused(&["explore", "--port", &port], &["cannot listen on 127.0.0.1", "--port"]);
}

#[test]
fn bounds_can_be_changed() {
    let check = |bounds: &[&str]| {
        let bounds = bounds.iter().flat_map(|bound| ["--bound", bound]);
        let all: Vec<_> = ["check", "fast-close", "--json"].into_iter().chain(bounds).collect();
        let reports: serde_json::Value = serde_json::from_slice(&tcpspec(&all).stdout).unwrap();
        let report = &reports[0];
        (report["unique_states"].as_u64().unwrap(), report["bounds"].as_str().unwrap().to_owned())
    };
    let (plain, _) = check(&[]);
    let (smaller, bounds) = check(&["losses=0", "b.sends=0"]);
    assert!(smaller < plain, "{smaller} of {plain}");
    assert!(bounds.contains("0 losses") && !bounds.contains("octet to SEND"), "{bounds}");
    let help = text(&tcpspec(&["check", "--help"]).stdout);
    for name in ["in-flight", "a.sends", "give-ups", "estimate"] {
        assert!(help.contains(name), "{name} is not in the help");
    }
}

#[test]
fn a_large_choice_is_told_before_it_starts() {
    let bounds =
        ["--bound", "losses=9", "--bound", "duplicates=9", "--bound", "a.sends=9", "--bound", "in-flight=6"];
    let all: Vec<_> =
        ["check", "handshake-close", "--memory-limit", "60MiB"].into_iter().chain(bounds).collect();
    let output = tcpspec(&all);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    for part in
        ["handshake-close: an estimate", "WARNING: this does not fit into the memory limit", "takes long"]
    {
        assert!(error.contains(part), "no `{part}` in: {error}");
    }
}

/// How many packets of a capture libpcap's tool reads. None, and said so, where it is not installed.
fn tcpdump(file: &std::path::Path) -> Option<usize> {
    // Another user may not be allowed to read the file.
    let output = Command::new("tcpdump").args(["-n", "-Z", "root", "-r"]).arg(file).output();
    let output = match output {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            assert!(std::env::var_os("TCPSPEC_REQUIRE_KERNEL").is_none(), "tcpdump is not installed");
            eprintln!("SKIPPED tcpdump of {}: it is not installed", file.display());
            return None;
        }
        output => output.unwrap(),
    };
    assert!(output.status.success(), "{}", text(&output.stderr));
    Some(text(&output.stdout).lines().count())
}

/// The comments of a capture's packets, which another reader and tcpdump understand.
fn comments(file: &std::path::Path) -> usize {
    let capture = std::fs::read(file).unwrap();
    let read = tcpdump(file);
    std::fs::remove_file(file).unwrap();
    let mut reader = PcapNgReader::new(capture.as_slice()).unwrap();
    let mut packets = 0;
    while let Some(block) = reader.next_block() {
        packets += usize::from(matches!(block.unwrap(), Block::EnhancedPacket(_)));
    }
    assert!(read.is_none_or(|read| read == packets), "tcpdump reads {read:?} of {packets} packets");
    String::from_utf8_lossy(&capture).matches("step ").count()
}

#[test]
fn counterexamples_become_captures() {
    let dir = std::env::temp_dir();
    let file = dir.join(format!("tcpspec-check-{}.pcapng", std::process::id()));
    let second = dir.join(format!("tcpspec-check-{}-2.pcapng", std::process::id()));
    let name = file.to_str().unwrap();
    // By the letter crossing SYNs take more segments than is claimed, in both scenarios.
    let bound = ["--bound", "losses=0", "--bound", "duplicates=0"];
    let arguments: Vec<_> =
        ["check", "simultaneous-open/in-order", "hazard-self-connect/on", "--set", "crossed_syn_ack=off"]
            .into_iter()
            .chain(bound)
            .chain(["--trace", name])
            .collect();
    let output = tcpspec(&arguments);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Wrote the counterexample to \"when the SYNs cross"), "{said}");
    assert!(comments(&file) >= 6);
    assert!(comments(&second) >= 2);

    // Nothing is violated, so nothing is written.
    let output = tcpspec(&["check", "simultaneous-open/in-order", "--trace", name]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("There is no counterexample") && !file.exists(), "{said}");

    // The run of a claim, by the same name.
    let output = tcpspec(&["trace", "takes six segments", "--trace", name]);
    assert_eq!(output.status.code(), Some(0));
    assert!(comments(&file) >= 6);
}

#[test]
fn the_requirements_are_written_without_an_exploration() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
    let output = tcpspec(&["docs", "--only", "rfc", "--check", "--dir", docs]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), String::new()));
    // Where the tests are not, nobody knows what they show.
    let dir = std::env::temp_dir().join(format!("tcpspec-rfc-{}", std::process::id()));
    std::fs::create_dir_all(dir.join("spec/src")).unwrap();
    std::fs::write(dir.join("spec/src/table.rs"), "").unwrap();
    let output = tcpspec(&["docs", "--only", "rfc", "--dir", &dir.join("docs").to_string_lossy()]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("rfc.md cannot be written:\n  cannot read the tests in "), "{said}");
    assert!(said.contains("MUST-2 (Sender compute checksum) has neither row nor test nor remark"), "{said}");
    assert!(!dir.join("docs").exists());
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn diff_tells_which_rows_and_verdicts_have_changed() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let dir = std::env::temp_dir().join(format!("tcpspec-diff-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    for name in ["table.json", "verdicts.json"] {
        std::fs::copy(docs.join(name), dir.join(name)).unwrap();
    }
    let diff = |dir: &std::path::Path| {
        let output = tcpspec(&["diff", "simultaneous-open/letter", "--dir", dir.to_str().unwrap()]);
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, said, _) = diff(&dir);
    assert_eq!(code, Some(0));
    assert!(said.contains("No row has changed") && said.contains("Every claim is as it should be"), "{said}");

    // Before, the row was another and the claim held.
    let old = std::fs::read_to_string(dir.join("table.json")).unwrap();
    std::fs::write(dir.join("table.json"), old.replace("\"opened_passively\"", "\"forked\"")).unwrap();
    let old = std::fs::read_to_string(dir.join("verdicts.json")).unwrap();
    std::fs::write(dir.join("verdicts.json"), old.replace("\"fails-as-expected\"", "\"holds\"")).unwrap();
    let (_, said, _) = diff(&dir);
    assert!(said.contains("row rst_passive: if: forked → opened_passively"), "{said}");
    assert!(
        said.contains("simultaneous-open/letter: holds → fails-as-expected: when the SYNs cross"),
        "{said}"
    );

    std::fs::remove_dir_all(&dir).unwrap();
    let (code, _, error) = diff(&dir);
    assert_eq!(code, Some(2));
    assert!(error.contains("`tcpspec docs` writes it"), "{error}");
}

#[test]
fn a_claim_can_be_traced_and_captured() {
    let file = std::env::temp_dir().join(format!("tcpspec-{}.pcapng", std::process::id()));
    let output = tcpspec(&["trace", "takes six segments", "--pcapng", file.to_str().unwrap()]);
    let said = text(&output.stdout);
    assert!(said.starts_with("simultaneous-open/letter: a simultaneous open takes six segments"), "{said}");
    let comments = comments(&file);
    assert!(comments >= 6, "{comments}");
}
