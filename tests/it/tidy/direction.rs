//! Who may use whom: crates by their `Cargo.toml`, modules of the root crate by their `crate::` paths.

use super::source::Source;

/// Our crates and those of ours that each may use.
const CRATES: &[(&str, &[&str])] = &[
    ("coreml", &[]),
    ("measure", &[]),
    ("api", &[]),
    ("compress", &["coreml"]),
    ("executor", &["coreml"]),
    (
        "engine",
        &["coreml", "compress", "executor", "measure", "api"],
    ),
    ("client", &["api"]),
    (
        "coreanvil-agent",
        &["client", "api", "coreml", "executor", "measure"],
    ),
    (
        "coreanvil",
        &["engine", "coreml", "measure", "api", "client"],
    ),
];

/// Crates that do arithmetic on files and know nothing of servers.
const ENGINE: &[&str] = &["coreml", "compress", "executor", "measure", "engine", "api"];

/// What the engine crates must not depend on.
const SERVER_CRATES: &[&str] = &[
    "tokio",
    "axum",
    "sqlx",
    "object_store",
    "reqwest",
    "hyper",
    "tower",
    "tracing",
];

/// Nobody: a library says what went wrong with an enum of its own.
const NOWHERE: &[&str] = &["anyhow", "eyre", "color-eyre"];

/// Modules of the root crate in order: each uses only those above it.
pub(super) const MODULES: &[&str] = &[
    "clock",
    "config",
    "telemetry",
    "store",
    "objects",
    "queue",
    "app",
    "worker",
    "http",
    "cli",
];

/// Neighbours in the list that do not see each other.
const STRANGERS: &[(&str, &str)] = &[("objects", "store"), ("http", "worker")];

/// Dependencies of one `Cargo.toml` that its crate may not have.
pub(super) fn manifest(text: &str) -> Vec<String> {
    let manifest: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => return vec![format!("is not TOML: {error}")],
    };
    let Some(name) = manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(toml::Value::as_str)
    else {
        return vec!["has no package name".to_owned()];
    };
    let Some((_, allowed)) = CRATES.iter().find(|(known, _)| *known == name) else {
        return vec![format!("crate {name} is not in tidy's list of rooms")];
    };
    let mut violations = Vec::new();
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(table) = manifest.get(section).and_then(toml::Value::as_table) else {
            continue;
        };
        for used in table.keys().map(String::as_str) {
            let ours = CRATES.iter().any(|(known, _)| *known == used);
            if ours && !allowed.contains(&used) {
                violations.push(format!("{name} must not use {used} ({section})"));
            }
            if ENGINE.contains(&name)
                && SERVER_CRATES.contains(&used)
                && section != "dev-dependencies"
            {
                violations.push(format!("{name} is an engine crate and must not use {used}"));
            }
            if NOWHERE.contains(&used) {
                violations.push(format!("{name} must not use {used}: errors are enums"));
            }
        }
    }
    violations
}

/// `crate::` paths in a file of `src/` that point down or sideways.
pub(super) fn modules(path: &str, text: &str) -> Vec<String> {
    let Some(here) = module_of(path) else {
        return Vec::new();
    };
    let Some(rank) = MODULES.iter().position(|module| *module == here) else {
        return vec![format!("{path}: module {here} is not in tidy's list")];
    };
    let source = Source::new(text);
    let mut violations = Vec::new();
    for (line, used) in crate_paths(&source.code) {
        if used == here {
            continue;
        }
        let pair = if here < used.as_str() {
            (here, used.as_str())
        } else {
            (used.as_str(), here)
        };
        match MODULES.iter().position(|module| *module == used) {
            None => violations.push(format!(
                "{path}:{line}: crate::{used} is not a module of the list"
            )),
            Some(other) if other > rank => violations.push(format!(
                "{path}:{line}: {here} must not use {used}, which stands below it"
            )),
            Some(_) if STRANGERS.contains(&pair) => violations.push(format!(
                "{path}:{line}: {here} and {used} must not see each other"
            )),
            Some(_) => {}
        }
    }
    violations
}

/// The module of `src/` that a path belongs to; none for `lib.rs`, `main.rs` and what is elsewhere.
fn module_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("src/")?;
    let first = rest.split('/').next()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!matches!(name, "lib" | "main")).then_some(name)
}

/// Line and first name of each `crate::…` path, those inside one pair of braces too.
fn crate_paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at]
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$')
        {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + "crate::".len()..];
        let name = |text: &str| -> String {
            text.trim_start()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        };
        match rest.strip_prefix('{') {
            None => found.push((line, name(rest))),
            Some(group) => {
                let mut depth = 0_usize;
                let mut start = 0;
                for (offset, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' | ',' if depth == 0 => {
                            found.push((line, name(&group[start..offset])));
                            start = offset + 1;
                            if c == '}' {
                                break;
                            }
                        }
                        '}' => depth -= 1,
                        _ => {}
                    }
                }
            }
        }
    }
    found.retain(|(_, used)| !used.is_empty());
    found
}
