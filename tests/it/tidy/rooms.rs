//! What may be said where: SQL, HTTP, objects, `unsafe`, serialisation, the outside world.

use super::source::Source;

/// Crates whose names may be spoken in one room only.
const ROOMS: &[(&str, &str)] = &[
    ("sqlx", "src/store/"),
    ("axum", "src/http/"),
    ("object_store", "src/objects/"),
];

/// Where types may derive serde: the API's words, configuration, rows, and file formats.
const SERIALISED: &[&str] = &[
    "crates/api/",
    "src/config/",
    "src/store/",
    "crates/compress/src/recipe/",
    "crates/coreml/src/package/",
    "tests/",
];

/// The one file that may use `unsafe`.
const UNSAFE: &str = "crates/coreml/src/map.rs";

/// Crates that neither read the environment nor print, wait or look at a clock.
const PURE: &[&str] = &[
    "crates/coreml/",
    "crates/compress/",
    "crates/executor/",
    "crates/measure/",
    "crates/engine/",
    "crates/api/",
];

/// Lines of a handler, from `fn` to its closing brace.
const HANDLER_LINES: usize = 25;

/// Strings that are SQL outside `src/store`.
pub(super) fn sql(path: &str, text: &str) -> Vec<String> {
    if path.starts_with("src/store/") || path.starts_with("tests/it/") {
        return Vec::new();
    }
    Source::new(text)
        .strings
        .into_iter()
        .filter(|(_, string)| is_sql(string))
        .map(|(line, _)| format!("{path}:{line}: SQL outside src/store"))
        .collect()
}

/// Whether a string begins like a statement.
fn is_sql(string: &str) -> bool {
    let lower = string.trim_start().to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    match words.as_slice() {
        ["select", rest @ ..] => rest.contains(&"from") && words.len() > 3,
        ["insert", "into", ..]
        | ["delete", "from", ..]
        | ["create", "table" | "index" | "unique", ..]
        | ["alter" | "drop", "table", ..]
        | ["update", _, "set", ..]
        | ["pragma", ..] => true,
        ["with", ..] => words.contains(&"as") && words.contains(&"select"),
        _ => false,
    }
}

/// Crates named outside their room.
pub(super) fn speech(path: &str, text: &str) -> Vec<String> {
    if path.starts_with("tests/") {
        return Vec::new();
    }
    let source = Source::new(text);
    let mut violations = Vec::new();
    for (krate, room) in ROOMS {
        let file = format!("{}.rs", room.trim_end_matches('/'));
        if path.starts_with(room) || path == file {
            continue;
        }
        let lines = source.lines().filter(|(_, line)| names_crate(line, krate));
        violations.extend(lines.map(|(line, _)| format!("{path}:{line}: {krate} outside {room}")));
    }
    violations
}

/// Whether a line of code has a path that begins with `krate`.
fn names_crate(line: &str, krate: &str) -> bool {
    let path = format!("{krate}::");
    line.match_indices(&path).any(|(at, _)| {
        !line[..at]
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    }) || line
        .trim_start()
        .strip_prefix("use ")
        .is_some_and(|rest| rest.trim_end_matches(';') == krate)
}

/// Handlers that do more than extract, call and render.
pub(super) fn handlers(path: &str, text: &str) -> Vec<String> {
    if !path.starts_with("src/http/") || path.ends_with("/tests.rs") {
        return Vec::new();
    }
    let source = Source::new(text);
    let mut violations = Vec::new();
    for function in source.functions() {
        let handler = function.signature.contains("State(") || path.starts_with("src/http/v1/");
        if handler && function.lines > HANDLER_LINES {
            violations.push(format!(
                "{path}:{}: `{}` has {} lines, a handler at most {HANDLER_LINES}",
                function.line, function.name, function.lines
            ));
        }
    }
    violations
}

/// Serialisation away from the edges.
pub(super) fn serialised(path: &str, text: &str) -> Vec<String> {
    if SERIALISED.iter().any(|room| path.starts_with(room)) {
        return Vec::new();
    }
    let source = Source::new(text);
    let mut violations = Vec::new();
    for (at, _) in source.code.match_indices("derive(") {
        let list = source.code[at..].split(')').next().unwrap_or_default();
        if list.contains("Serialize") || list.contains("Deserialize") {
            let line = source.code[..at].matches('\n').count() + 1;
            violations.push(format!(
                "{path}:{line}: serde derives belong to api, config, store and file formats"
            ));
        }
    }
    violations
}

/// `unsafe` outside its one file.
pub(super) fn unsafety(path: &str, text: &str) -> Vec<String> {
    if path == UNSAFE {
        return Vec::new();
    }
    let source = Source::new(text);
    source
        .words()
        .filter(|(_, word)| *word == "unsafe")
        .map(|(line, _)| format!("{path}:{line}: `unsafe` outside {UNSAFE}"))
        .collect()
}

/// An engine crate that reaches for the outside world.
pub(super) fn purity(path: &str, text: &str) -> Vec<String> {
    if !PURE.iter().any(|room| path.starts_with(room))
        || path.ends_with("/tests.rs")
        || path.contains("/tests/")
        || path.contains("/benches/")
    {
        return Vec::new();
    }
    let source = Source::new(text);
    let mut violations = Vec::new();
    for (line, code) in source.lines() {
        for (mark, what) in [
            ("env::var", "reads the environment"),
            ("println!", "prints"),
            ("print!(", "prints"),
            ("async fn", "is async"),
            (".await", "is async"),
            ("Instant::now", "looks at the clock"),
            ("SystemTime::now", "looks at the clock"),
        ] {
            if code.contains(mark) {
                violations.push(format!("{path}:{line}: an engine crate {what}"));
            }
        }
    }
    violations
}

/// Ids without a type in signatures.
pub(super) fn bare_ids(path: &str, text: &str) -> Vec<String> {
    if path == "crates/api/src/ids.rs" || path.starts_with("tests/") || path.ends_with("/tests.rs")
    {
        return Vec::new();
    }
    let mut violations = Vec::new();
    for function in Source::new(text).functions() {
        for parameter in function.signature.split([',', '(', ')']) {
            let Some((name, kind)) = parameter.split_once(':') else {
                continue;
            };
            let (name, kind) = (
                name.trim().trim_start_matches("mut "),
                kind.trim().trim_start_matches('&'),
            );
            let is_id = name == "id" || name.ends_with("_id");
            if kind == "Uuid" || kind == "uuid::Uuid" || (is_id && matches!(kind, "str" | "String"))
            {
                violations.push(format!(
                    "{path}:{}: `{}` takes a bare id `{}`: {kind}",
                    function.line, function.name, name
                ));
            }
        }
    }
    violations
}

/// Tests that are skipped, or that wait by the clock.
pub(super) fn skipping(path: &str, text: &str) -> Vec<String> {
    let source = Source::new(text);
    let mut violations = Vec::new();
    for (line, code) in source.lines() {
        if code.contains(concat!("#[", "ignore")) {
            violations.push(format!("{path}:{line}: an ignored test"));
        }
        if (path.ends_with("/tests.rs") || path.starts_with("tests/")) && code.contains("sleep(") {
            violations.push(format!(
                "{path}:{line}: a test that sleeps: wait for a signal"
            ));
        }
    }
    violations
}
