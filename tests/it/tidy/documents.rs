//! What the documents name is there.

/// Paths in backticks that a document names: with a slash, of the tree, without placeholders.
pub(super) fn named_paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        let quoted = line.split('`').skip(1).step_by(2);
        let linked = line
            .match_indices("](")
            .filter_map(|(at, _)| line[at + 2..].split(')').next());
        for token in quoted.chain(linked) {
            let token = token.split('#').next().unwrap_or_default();
            if is_path(token) {
                found.push(token.trim_end_matches('/').to_owned());
            }
        }
    }
    found
}

/// Folders of the tree that a named path begins with.
const TOP: &[&str] = &[
    ".ci",
    "benches",
    "config",
    "crates",
    "docker",
    "docs",
    "fuzz",
    "migrations",
    "proto",
    "src",
    "tests",
];

/// Files at the top that a document may name alone.
const TOP_FILES: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "deny.toml",
];

/// Whether a token names something in the tree, rather than a command, a URL or a pattern.
fn is_path(token: &str) -> bool {
    let token = token.trim_start_matches("./");
    if token.contains([' ', '<', '>', '*', '{', '$', '…', ':']) || token.contains("NNNN") {
        return false;
    }
    let first = token.split('/').next().unwrap_or_default();
    TOP_FILES.contains(&token) || (token.contains('/') && TOP.contains(&first))
}
