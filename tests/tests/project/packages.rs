//! What the published crates must have, and what the release checklist says. `.ci/packages-build` builds and uses the packages.

use std::fs;
use std::process::Command;
use tcpspec_tests::shown;

fn read(file: &str) -> String {
    fs::read_to_string(shown::root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What stands between quotes.
fn quoted(line: &str) -> Vec<&str> {
    line.split('"').skip(1).step_by(2).collect()
}

/// The folders of the workspace's members with their manifests.
fn members() -> Vec<(String, String)> {
    let workspace = read("Cargo.toml");
    let line = workspace.lines().find(|line| line.starts_with("members = ")).unwrap();
    quoted(line)
        .into_iter()
        .map(|folder| (folder.to_owned(), read(&format!("{folder}/Cargo.toml"))))
        .collect()
}

/// The value of a key, from the workspace if the manifest says so.
fn value(manifest: &str, key: &str) -> String {
    let find = |text: &str, key: &str| {
        text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = ").map(str::to_owned))
    };
    let own = find(manifest, key);
    own.or_else(|| find(manifest, &format!("{key}.workspace")).and_then(|_| find(&read("Cargo.toml"), key)))
        .unwrap_or_default()
}

/// The folders and manifests of the crates that are published.
fn published() -> Vec<(String, String)> {
    members().into_iter().filter(|(_, manifest)| value(manifest, "publish") != "false").collect()
}

#[test]
fn a_published_crate_says_what_a_registry_shows() {
    assert_eq!(published().len(), 5);
    for (folder, manifest) in published() {
        for key in ["name", "description", "license", "repository", "documentation", "readme"] {
            assert_eq!(quoted(&value(&manifest, key)).len(), 1, "{folder}: {key}");
        }
        for key in ["keywords", "categories"] {
            assert!((1..=5).contains(&quoted(&value(&manifest, key)).len()), "{folder}: {key}");
        }
        for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
            assert_eq!(read(&format!("{folder}/{file}")), read(file), "{folder}: {file}");
        }
    }
}

/// A registry shows the README without the repository around it.
#[test]
fn links_of_a_published_readme_are_whole() {
    for (folder, manifest) in published() {
        let text = read(&format!("{folder}/README.md"));
        let name = value(&manifest, "name").replace('"', "");
        assert!(
            text.starts_with(&format!("# {name}\n")),
            "{folder}: the README begins with the crate's name"
        );
        let links: Vec<_> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(!links.is_empty(), "{folder}");
        for link in links {
            assert!(link.starts_with("https://"), "{folder}: {link}");
            for part in ["/blob/main/", "/tree/main/"] {
                let Some((_, file)) = link.split_once(part) else { continue };
                let file = file.split('#').next().unwrap_or(file);
                assert!(shown::root().join(file).exists(), "{folder}: {link}");
            }
        }
    }
}

#[test]
fn rows_that_the_macro_readme_shows_are_those_of_the_table() {
    let table = read("spec/src/table.rs");
    let shown = shown::fenced(&read("macros/README.md"), "text").concat();
    assert!(shown.len() >= 2);
    for line in shown {
        assert!(table.lines().any(|row| row.trim() == line), "{line}");
    }
}

#[test]
fn the_script_packs_all_crates_that_are_published() {
    let script = read(".ci/packages-build");
    let line = script.lines().find_map(|line| line.strip_prefix("crates=(")?.strip_suffix(')')).unwrap();
    let mut packed: Vec<_> = line.split(' ').map(str::to_owned).collect();
    let mut names: Vec<_> =
        published().iter().map(|(_, manifest)| value(manifest, "name").replace('"', "")).collect();
    packed.sort();
    names.sort();
    assert_eq!(packed, names);
    // What the tool's README shows is what the script does in an empty folder.
    let commands = shown::fenced(&read("checker/README.md"), "sh").concat();
    for command in commands.iter().filter(|command| command.starts_with("tcpspec ")) {
        let command = command.split('#').next().unwrap().trim();
        assert!(script.contains(command), "{command}");
    }
}

/// The first step of the release checklist, on a copy.
#[test]
fn one_command_changes_the_version() {
    let page = read("docs/releasing.md");
    let shown = page.lines().map(str::trim).find(|line| line.starts_with("sed ")).unwrap();
    let workspace = read("Cargo.toml");
    let version = value(&workspace, "version");
    let version = version.trim_matches('"');
    // The page speaks of a version that may be an older one.
    let command = shown.replace(r"0\.1\.0", &version.replace('.', r"\.")).replace("0.2.0", "77.0.0");
    let folder = std::env::temp_dir().join(format!("tcpspec-version-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("Cargo.toml"), &workspace).unwrap();
    let status = Command::new("bash").args(["-c", &command]).current_dir(&folder).status().unwrap();
    let changed = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert!(status.success(), "{command}");
    // The workspace's own, and that of each published crate as a dependency.
    assert_eq!(changed.matches("\"77.0.0\"").count(), 1 + published().len(), "{command}\n{changed}");
    assert!(!changed.contains(&format!("\"{version}\"")), "{changed}");
}

/// <https://keepachangelog.com>
#[test]
fn the_changelog_keeps_its_form() {
    let text = read("CHANGELOG.md");
    assert!(text.starts_with("# Changelog\n"));
    let versions: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(versions.first(), Some(&"[Unreleased]"));
    for version in versions {
        let (name, rest) = version.strip_prefix('[').and_then(|rest| rest.split_once(']')).unwrap();
        assert!(name == "Unreleased" || rest.starts_with(" - "), "{version}: no date");
        assert!(text.contains(&format!("\n[{name}]: https://")), "{version}: no link");
    }
    let kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
    for kind in text.lines().filter_map(|line| line.strip_prefix("### ")) {
        assert!(kinds.contains(&kind), "{kind}");
    }
}
