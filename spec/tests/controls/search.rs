use super::explore::*;
use super::small;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use tcpspec::model::Scenario;
use tcpspec::model::scenarios;
use tcpspec::mutants::MUTANTS;

fn every() -> Vec<&'static Scenario> {
    small::ALL.iter().chain(scenarios::all()).collect()
}

#[test]
fn small_sizes() {
    for s in small::ALL {
        let f = explore(s, Fault::None, s.claims);
        println!("{} {} {:?} {:?}", s.name, f.worlds, f.wrong, f.missing);
    }
}

#[test]
fn mutants() {
    let names: Vec<String> = std::env::var("SCENARIOS").unwrap().split(',').map(str::to_owned).collect();
    let jobs: Vec<(&Scenario, usize)> = every().into_iter().filter(|s| names.iter().any(|n| n == s.name)).flat_map(|s| (0..MUTANTS.len()).map(move |m| (s, m))).collect();
    let next = AtomicUsize::new(0);
    std::panic::set_hook(Box::new(|_| {}));
    let base: std::collections::HashMap<&str, Found> = names.iter().map(|n| { let s = every().into_iter().find(|s| s.name == n).unwrap(); (s.name, explore(s, Fault::None, s.claims)) }).collect();
    let out = std::sync::Mutex::new(std::fs::OpenOptions::new().append(true).create(true).open("/tmp/found.txt").unwrap());
    std::thread::scope(|scope| for _ in 0..1 { scope.spawn(|| loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let Some((s, m)) = jobs.get(n) else { return };
        let m = MUTANTS[*m];
        let Ok(f) = std::panic::catch_unwind(|| explore(s, Fault::Row(m.row, m.fault), s.claims)) else { continue };
        let b = &base[s.name];
        let new: Vec<_> = f.wrong.difference(&b.wrong).collect();
        if !new.is_empty() { writeln!(out.lock().unwrap(), "{}\t{}\t{:?}\t{}\t{}", new.len(), s.name, m, f.worlds, new.iter().map(|s| s.to_string()).collect::<Vec<_>>().join(" || ")).unwrap(); }
    }); });
}
