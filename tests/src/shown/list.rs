//! How each command that is shown is run. A command that is not here fails a test, so that a new one cannot be forgotten; so does one that is shown no longer.

/// How a command is run.
#[derive(Clone, Copy, Debug)]
pub enum How {
    /// As it stands, with this exit status.
    Same(i32),
    /// In another form.
    Instead {
        /// The form.
        command: &'static str,
        /// Its exit status.
        status: i32,
        /// Why not as it stands.
        because: &'static str,
    },
    /// A server: it is started (with these arguments, too), asked for its page and ended.
    Served(&'static str),
    /// The block of lines in which it stands is run in a network namespace of its own; the line that ends in `&` goes on meanwhile.
    Block,
    /// A part of the walk.
    Walk,
    /// By a line of `.ci/run`, which contains these words.
    Ci(&'static str),
    /// By a test: its file and its name.
    Test(&'static str, &'static str),
}

/// A command that is shown.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// As it is shown.
    pub command: &'static str,
    /// How it is run.
    pub how: How,
    /// It needs root and TUN devices.
    pub root: bool,
}

const fn entry(command: &'static str, how: How) -> Entry {
    Entry { command, how, root: false }
}

const fn root(command: &'static str, how: How) -> Entry {
    Entry { command, how, root: true }
}

const fn instead(command: &'static str, status: i32, because: &'static str) -> How {
    How::Instead { command, status, because }
}

const STANDS_FOR: &str = "… stands for what was said before";
/// Runs each example as its first lines say.
const EXAMPLES: &str = "examples/tests/run.rs";

/// All of them, in the order in which they are shown.
pub const LIST: &[Entry] = &[
    // README.md
    entry(
        "cargo run --release",
        instead(
            "cargo run --release -- check simultaneous-open simultaneous-close half-close reset",
            0,
            "CI explores all scenarios for `docs --check`",
        ),
    ),
    entry("cargo test --workspace --release --locked", How::Ci("bash -c \"$test_command\"")),
    entry("cargo run --release -- docs", How::Ci("tcpspec\" docs --check")),
    entry("cargo run --release -- check reset", How::Walk),
    entry("git checkout spec", How::Walk),
    entry("cargo run --release -- check time-wait --set rfc1337=off", How::Same(1)),
    entry("tcpspec mutate", How::Ci("tcpspec\" mutate --sample")),
    entry(
        "cargo test -p tcpspec-tests --test oracles rfc_matrix -- --nocapture",
        How::Ci("bash -c \"$test_command\""),
    ),
    root(
        "cargo run --release -p tcpspec-tests --bin replay -- 'listen; syn; ack; shut; fin+ack ack=una; rst seq=-1'",
        How::Same(0),
    ),
    entry("cargo run --release -- list", How::Same(0)),
    entry("cargo run --release -- list reset", How::Same(0)),
    entry("cargo run --release -- explain rst_passive", How::Same(0)),
    entry("cargo run --release -- check half-close --json", How::Same(0)),
    entry("cargo run --release -- trace simultaneous-close", How::Same(0)),
    entry("cargo run --release -- trace \"the FINs cross\"", How::Same(0)),
    entry("cargo run --release -- explore", How::Served("--port 0")),
    entry("cargo run --release -- table --format md", How::Same(0)),
    entry(
        "cargo run --release -- mutate rst_passive",
        instead(
            "cargo run --release -- mutate rst_passive --scenario reset --budget 1000000 --resume \"$TMP/mutants.json\"",
            0,
            "all scenarios take minutes, and CI runs a sample of the mutants in them",
        ),
    ),
    entry(
        "cargo run --release -- mutate exactly_next",
        instead(
            "cargo run --release -- mutate exactly_next --scenario reset --budget 1000000 --resume \"$TMP/mutants.json\"",
            0,
            "all scenarios take minutes, and CI runs a sample of the mutants in them",
        ),
    ),
    entry("tcpspec prove", How::Ci("tcpspec\" prove --all")),
    entry("cargo run --release -- prove TIME-WAIT", How::Ci("tcpspec\" prove --all")),
    entry("cargo run --release -- prove --two-ends TIME-WAIT", How::Ci("tcpspec\" prove --two-ends")),
    entry("cargo run --release -p tcpspec-tests --bin soak -- --runs 2000", How::Same(0)),
    entry("cargo run --release -- check --quick --bits 5", How::Ci("tcpspec\" check --quick --bits 5")),
    entry(
        "cargo run --release -- diff",
        instead("cargo run --release -- diff fast-close", 0, "CI explores all scenarios for `docs --check`"),
    ),
    entry("cargo run --release -- docs --check", How::Ci("tcpspec\" docs --check")),
    entry(
        "cargo run --release -- docs --only rfc",
        instead("cargo run --release -- docs --only rfc --check", 0, "CI changes nothing"),
    ),
    entry(
        "cargo run --release -- check half-close --bound losses=2 --bound b.sends=4",
        instead(
            "cargo run --release -- check half-close --exact --bound losses=2 --bound b.sends=4 --memory-limit 40MiB",
            1,
            "it takes minutes; so it ends with a partial verdict",
        ),
    ),
    entry("check --help", instead("cargo run --release -- check --help", 0, STANDS_FOR)),
    entry(
        "check --quick",
        How::Test(
            "checker/tests/screen.rs",
            "what_is_quick_is_a_part_of_everything_and_says_nothing_of_rows",
        ),
    ),
    entry("check -v", How::Test("checker/tests/cli.rs", "all_of_a_scenario_is_told_if_it_is_asked_for")),
    entry("check --trace FILE", How::Test("checker/tests/cli.rs", "counterexamples_become_captures")),
    entry(
        "check --deep",
        instead(
            "cargo run --release -- check fast-close --deep --memory-limit 20MiB",
            1,
            "it takes minutes and much memory; so it ends with a partial verdict",
        ),
    ),
    entry(
        "tcpspec completions bash",
        instead("cargo run --release -- completions bash", 0, "it need not be installed"),
    ),
    entry("tcpspec man FOLDER", How::Test("checker/tests/screen.rs", "manual_pages_are_written")),
    entry(
        "tcpspec check time-wait --hosts FILE --process 0",
        How::Test("checker/tests/engines.rs", "several_processes_find_what_one_finds"),
    ),
    entry("cargo run --release -p tcpspec-page", How::Ci("$programs/tcpspec-page")),
    entry("cargo run --release -p tcpspec-book", How::Ci("$programs/tcpspec-book")),
    entry(
        "explore --open LINK",
        How::Test("checker/tests/explore.rs", "a_counterexample_is_printed_written_and_opened"),
    ),
    entry(
        "trace --json FILE",
        How::Test("checker/tests/explore.rs", "a_counterexample_is_printed_written_and_opened"),
    ),
    entry(
        "check --trace FILE.json",
        How::Test("checker/tests/explore.rs", "a_counterexample_is_printed_written_and_opened"),
    ),
    entry("rustup target add wasm32-unknown-unknown", How::Ci("rustup target add wasm32-unknown-unknown")),
    entry(
        "cargo bench -p tcpspec-explorer",
        instead(
            "cargo bench --profile release --workspace --bench answer -- --quick",
            0,
            "for a look; with the whole workspace nothing is built again",
        ),
    ),
    entry(
        "npm run bench",
        instead("npm --prefix explorer/page run bench -- --quick", 0, "in its folder, for a look"),
    ),
    root("cargo run --release -p tcpspec-examples --bin http &", How::Block),
    root("curl http://10.7.0.2/", How::Block),
    root("curl http://[fd07::2]/", How::Block),
    entry("cargo run --release -p tcpspec-examples --bin …", How::Test(EXAMPLES, "help_does_nothing_else")),
    entry("cargo bench -p tcpspec", How::Same(0)),
    entry(
        "cargo bench -p tcpspec-checker",
        instead(
            "cargo bench --profile release --workspace --bench engines -- --quick",
            0,
            "the whole takes minutes; with the whole workspace nothing is built again",
        ),
    ),
    root(
        "cargo bench -p tcpspec-benches --bench stack",
        instead("cargo bench -p tcpspec-benches --bench stack -- --quick", 0, "for a look"),
    ),
    entry(
        "cargo bench -p tcpspec-benches --bench core",
        How::Ci("cargo bench --locked -p tcpspec-benches --bench core"),
    ),
    entry(
        "cargo doc --workspace --all-features --open",
        How::Ci("cargo doc --workspace --no-deps --all-features"),
    ),
    // docs/book/src/what-goes-wrong.md
    entry(
        "cargo run --release -- check SCENARIO",
        instead("cargo run --release -- check hazard-rst/whoever-opened", 0, "a word for a name"),
    ),
    entry("cargo run --release -- check hazard-old-syn/listener-two-way", How::Same(0)),
    entry("cargo run --release -- check hazard-crash/at-once", How::Same(0)),
    entry("cargo run --release -- check hazard-forger/blind-off", How::Same(0)),
    entry("cargo run --release -- check hazard-fin-wait-2/crash", How::Same(0)),
    entry("cargo run --release -- check hazard-storm/late-copy-letter", How::Same(0)),
    entry("cargo run --release -- check hazard-refused/letter", How::Same(0)),
    entry("cargo run --release -- check hazard-drain/letter", How::Same(0)),
    // TCP in twelve ladders.
    entry(
        "tcpspec explore --open 'scenario=handshake-close&bound=msl:1&path=bl.ao.d0.d0.d0.ac.an1.d0.d0.bc.bn1.d0.d0.t.t.afw'",
        How::Served("--port 0"),
    ),
    entry(
        "tcpspec explore --open 'scenario=hazard-old-syn/listener&path=bl.ao.ac.ao.d0.d0.d1.d0.d0.d0'",
        How::Served("--port 0"),
    ),
    entry(
        "tcpspec explore --open 'scenario=simultaneous-open/in-order&path=ao.bo.d0.d0.d0.d0'",
        How::Served("--port 0"),
    ),
    entry("tcpspec explore --open 'scenario=reset&path=bl.ao.d0.ax.d0.d0'", How::Served("--port 0")),
    entry(
        "tcpspec explore --open 'scenario=reset/crossed&path=ao.bo.x0.d0.ax.d0.d0'",
        How::Served("--port 0"),
    ),
    entry(
        "tcpspec explore --open 'scenario=half-close&bound=delayed-acks:off&bound=eager-users:on&bound=msl:1&path=bl.ao.d0.d0.d0.ac.an1.d0.d0.bs.bn1.d0.d0.bc.bn1.d0.d0.t.t.afw'",
        How::Served("--port 0"),
    ),
    entry(
        "tcpspec explore --open 'scenario=fast-close&bound=msl:1&path=bl.ao.d0.d0.d0.ac.an1.d0.bc.bn1.d0.d0.t.t.afw'",
        How::Served("--port 0"),
    ),
    entry(
        "tcpspec explore --open 'scenario=simultaneous-close/in-order&path=bl.ao.d0.d0.d0.ac.bc.an1.bn1.d0.d0.d0.d0.t.t.afw.bfw'",
        How::Served("--port 0"),
    ),
    entry(
        "tcpspec explore --open 'scenario=handshake-close&bound=msl:2&path=bl.ao.d0.d0.d0.ac.an1.d0.d0.bc.bn1.d0.x0.t.bfr.d0.d0.t.t.t.t.afw'",
        How::Served("--port 0"),
    ),
    entry(
        "tcpspec explore --open 'scenario=time-wait&bound=b.iss:5&bound=msl:1&path=ao.d0.d0.d0.ac.an1.d0.d0.bc.bn1.d0.d0.ao.t.t.afw.ao.d0.d0.d0'",
        How::Served("--port 0"),
    ),
    entry(
        "tcpspec explore --open 'scenario=hazard-1337/off&bound=b.iss:5&path=ao.d0.d0.d0.ac.an1.d0.d0.bc.bn1.u0.d1.d0.d0.d0'",
        How::Served("--port 0"),
    ),
    entry(
        "tcpspec explore --open 'scenario=hazard-crash/at-once&bound=a.crashes:on&bound=b.iss:5&bound=retransmissions:1&path=ao.d0.d0.d0.ak.ao.d0.d0.d0.afr.d0.d0.d0'",
        How::Served("--port 0"),
    ),
    entry(
        "tcpspec explore --open 'scenario=hazard-window/persist&bound=window:1&path=bl.ao.d0.d0.d0.as.as.an1.d0.d0.an1.br.x0.afp.d0.d0'",
        How::Served("--port 0"),
    ),
    entry("cargo run --release -- explain listen_syn", How::Same(0)),
    entry("cargo run --release -- check hazard-old-syn/listener-two-way --exact", How::Same(0)),
    entry("cargo run --release -- trace simultaneous-open --set crossed_syn_ack=off", How::Same(0)),
    entry("cargo run --release -- check reset/crossed --exact --set rst_heeds_opener=off", How::Same(1)),
    entry("cargo run --release -- check half-close --exact --set drain_after_fin=off", How::Same(1)),
    entry("cargo run --release -- trace fast-close", How::Same(0)),
    entry(
        "cargo run --release -- check hazard-2msl/on --exact --set old_fin_restarts_2msl=off",
        How::Same(1),
    ),
    entry("cargo run --release -- check hazard-time-wait/3 --exact", How::Same(0)),
    entry("cargo run --release -- trace \"a half-open connection is found out\"", How::Same(0)),
    entry("cargo run --release -- check hazard-window/no-persist --exact", How::Same(0)),
    // Getting started.
    entry(
        "cargo run --release -- check simultaneous-open/in-order --exact --set crossed_syn_ack=off",
        How::Same(1),
    ),
    // Reading the table.
    entry("cargo run --release -- explain old_fin", How::Same(0)),
    // Debugging a counterexample.
    entry(
        "tcpspec explore --open 'scenario=hazard-unproven/proven&set=handshake_first:off&path=ao.as.d0.bk.t.afr.d0.an1.t.d1.d0.d0.bc.d1'",
        How::Served("--port 0"),
    ),
    entry(
        "cargo run --release -- check hazard-unproven/proven --exact --set handshake_first=off",
        How::Same(1),
    ),
    entry(
        "cargo run --release -- check hazard-unproven/proven --exact --set handshake_first=off --bound a.sends=1 --bound duplicates=0",
        How::Same(1),
    ),
    entry(
        "cargo run --release -- check hazard-unproven/proven --exact --set handshake_first=off --bound in-order=on",
        How::Same(0),
    ),
    entry(
        "cargo run --release -- check hazard-unproven/proven --exact --set handshake_first=off --bound retransmissions=0",
        How::Same(0),
    ),
    entry(
        "cargo run --release -- check hazard-unproven/proven --exact --set handshake_first=off --trace run.pcapng",
        instead(
            "cargo run --release -- check hazard-unproven/proven --exact --set handshake_first=off --trace \"$TMP/run.pcapng\"",
            1,
            "nothing is left in the project's folder",
        ),
    ),
    entry("cargo run --release -- explain ack_old", How::Same(0)),
    entry("cargo run --release -- explain ack_bad", How::Same(0)),
    entry("cargo run --release -- check hazard-unproven/proven --exact", How::Same(0)),
    // Your own scenario and claim.
    entry(
        "cargo new my-claims",
        instead("cargo new --quiet --vcs none \"$TMP/my-claims\"", 0, "in a folder of its own"),
    ),
    entry(
        "cargo run --release --manifest-path examples/own-claims/Cargo.toml -- check greeting",
        How::Same(0),
    ),
    entry(
        "cargo run --release --manifest-path examples/own-claims/Cargo.toml -- check greeting --bound b.patient=off",
        How::Same(1),
    ),
    entry("cargo run --release --manifest-path examples/own-claims/Cargo.toml -- check resets", How::Same(0)),
    entry(
        "cargo run --release --manifest-path examples/own-claims/Cargo.toml -- check answered --bound retransmissions=0",
        How::Same(1),
    ),
    entry(
        "cargo run --release --manifest-path examples/own-claims/Cargo.toml -- explore",
        How::Served("--port 0"),
    ),
    entry(
        "check --json",
        How::Test(
            "examples/own-claims/tests/asked.rs",
            "a_claim_on_runs_fails_with_a_run_that_never_gets_there",
        ),
    ),
    // CONTRIBUTING.md
    entry("cargo build", How::Ci("cargo build --workspace --bins --tests")),
    entry(
        "cargo run --profile quick -- check --quick",
        instead("cargo run --release -- check --quick", 0, "another profile builds everything anew"),
    ),
    entry(
        "cargo test --profile quick -p tcpspec-tests --test oracles rfc_matrix",
        How::Ci("bash -c \"$test_command\""),
    ),
    entry("cargo run --release -- mutate ROW", How::Ci("tcpspec\" mutate --sample")),
    entry("npm ci", How::Ci("npm ci")),
    entry("npm test", How::Ci("npm test")),
    entry("npm run browser", How::Ci("npm run browser")),
    entry("cargo run --release -p tcpspec-tests --bin shown", How::Ci("$programs/shown")),
    entry("cargo test -p tcpspec-stack --all-features --release", How::Ci("bash -c \"$test_command\"")),
    entry("cargo test -p tcpspec-checker --release", How::Ci("bash -c \"$test_command\"")),
    entry("cargo test -p tcpspec-tests --test oracles rfc_matrix", How::Ci("bash -c \"$test_command\"")),
    entry("cargo test -p tcpspec-tests --test rules rows_on_the_stack", How::Ci("bash -c \"$test_command\"")),
    entry("cargo test -p tcpspec-tests --release", How::Ci("bash -c \"$test_command\"")),
    entry(
        "cargo run --release -p tcpspec-tests --bin replay -- --list",
        How::Test("tests/tests/oracles/differential.rs", "the_kernel_differs_only_where_the_list_says_so"),
    ),
    entry("INSTA_UPDATE=always cargo test -p tcpspec-macros --lib", How::Ci("bash -c \"$test_command\"")),
    entry(
        "cargo run -- docs --only rfc",
        instead("cargo run --release -- docs --only rfc --check", 0, "CI changes nothing"),
    ),
    entry(".ci/run", How::Ci("$programs/shown")),
    entry(".ci/packages", How::Ci(".ci/packages")),
    // checker/README.md
    entry("cargo install tcpspec-checker", How::Ci(".ci/packages-build")),
    entry("tcpspec list", How::Ci(".ci/packages-build")),
    entry("tcpspec check fast-close", How::Ci(".ci/packages-build")),
    entry("tcpspec explain rst_passive", How::Ci(".ci/packages-build")),
    entry("tcpspec explore", How::Ci(".ci/packages-build")),
    // The first lines of benchmarks and examples.
    entry(
        "cargo bench -p tcpspec-checker --bench engines -- SCENARIO THREADS ROUNDS",
        instead(
            "cargo bench --profile release --workspace --bench engines -- simultaneous-open/letter 2 1",
            0,
            "words for values; with the whole workspace nothing is built again",
        ),
    ),
    entry("python3 -m http.server &", How::Test(EXAMPLES, "client")),
    root("cargo run --release -p tcpspec-examples --bin client -- 8000 /", How::Test(EXAMPLES, "client")),
    root("cargo run --release -p tcpspec-examples --bin echo", How::Test(EXAMPLES, "echo")),
    root("nc 10.7.0.2 7", How::Test(EXAMPLES, "echo")),
    root("cargo run --release -p tcpspec-examples --bin gateway", How::Test(EXAMPLES, "gateway")),
    root("curl http://198.51.100.7:8000/", How::Test(EXAMPLES, "gateway")),
    root("cargo run --release -p tcpspec-examples --bin http", How::Test(EXAMPLES, "http")),
    root("… --bin http -- FOLDER", How::Test("examples/tests/peers.rs", "curl_fetches_a_large_file")),
    root("cargo run --release -p tcpspec-examples --bin https", How::Test(EXAMPLES, "https")),
    root("curl --cacert tcpspec.pem https://10.7.0.2/", How::Test(EXAMPLES, "https")),
    entry(
        "cargo run --release -p tcpspec-examples --bin simulation -- 7 run.pcapng",
        instead(
            "cargo run --release -p tcpspec-examples --bin simulation -- 7 \"$TMP/run.pcapng\"",
            0,
            "nothing is left in the project's folder",
        ),
    ),
    root(
        "cargo run --release -p tcpspec-examples --bin transfer -- send FILE",
        How::Test(EXAMPLES, "transfer"),
    ),
    root("nc 10.7.0.2 9000 > COPY", How::Test(EXAMPLES, "transfer")),
    root("… transfer -- receive FILE", How::Test(EXAMPLES, "transfer")),
    root("nc -N 10.7.0.2 9000 < ORIGINAL", How::Test(EXAMPLES, "transfer")),
    entry("cargo bench -p tcpspec --bench step", How::Same(0)),
];
