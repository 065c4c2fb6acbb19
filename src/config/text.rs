//! The text of `config/coreanvil.toml`, made from the code: every key with its documentation and its default.

use super::Config;
use super::settings::sections;

/// Head of the file.
const HEAD: &str = "\
# Every key of coreanvil, with its default. The program reads this file as config/coreanvil.toml in the folder
# where it starts, or the file of --config or COREANVIL_CONFIG. Environment variables override it: server.listen is
# COREANVIL_SERVER__LISTEN. Flags override both. `coreanvil doctor` prints what holds and where it came from.
#
# Made from the code (src/config); a test compares. Change a default there and run
# WRITE_CONFIG=1 cargo test --lib config::
";

/// The committed file as the code would write it.
pub fn committed_file() -> String {
    let defaults = Config::default();
    let mut text = HEAD.to_owned();
    for (section, about, keys) in sections() {
        text += "\n";
        comment(&mut text, about);
        text.extend(["[", section, "]\n"]);
        for key in keys {
            text += "\n";
            comment(&mut text, key.docs);
            let name = key.name.trim_start_matches(section).trim_start_matches('.');
            text.extend([name, " = ", &(key.written)(&defaults), "\n"]);
        }
    }
    text
}

/// Lines of documentation as comments.
fn comment(text: &mut String, lines: &[&str]) {
    for line in lines {
        text.extend(["#", line, "\n"]);
    }
}

/// Head of `docs/configuration.md`.
const PAGE_HEAD: &str = "\
# Configuration

Every key of coreanvil. Defaults < `config/coreanvil.toml` in the folder where it starts (or the file of `--config`, `COREANVIL_CONFIG`) < environment < flags. Every
command that reads the configuration also takes `--set KEY=VALUE`. A wrong key or value ends the command with status 2 and names the key and where it came from;
`coreanvil doctor` prints what holds, with sources and without secrets.

Made from the code (`src/config`); a test compares: `WRITE_CONFIG=1 cargo test --lib config::`.
";

/// `docs/configuration.md` as the code would write it.
pub fn committed_page() -> String {
    let defaults = Config::default();
    let mut page = PAGE_HEAD.to_owned();
    for (section, about, keys) in sections() {
        page.extend(["\n## ", section, "\n\n", &prose(about), "\n\n"]);
        page +=
            "| key | type | default | environment | flag | meaning |\n|---|---|---|---|---|---|\n";
        for key in keys {
            let cells = [
                format!("`{}`", key.name),
                kind(key.kind).to_owned(),
                format!("`{}`", (key.written)(&defaults)),
                format!("`{}`", key.variable()),
                flag(key.name).to_owned(),
                prose(key.docs),
            ];
            page.extend(["| ", &cells.join(" | "), " |\n"]);
        }
    }
    page
}

/// Lines of documentation as one.
fn prose(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    lines.join(" ").replace('|', "\\|")
}

/// A type in the words of whoever writes the file.
fn kind(of: &'static str) -> &'static str {
    match of {
        "u64" => "whole number",
        "bool" => "true or false",
        "String" => "text",
        "PathBuf" => "path",
        "SocketAddr" => "address:port",
        "LogFormat" => "`text` or `json`",
        "Auto<NonZeroUsize>" => "number from 1, or `auto`",
        "Auto<PathBuf>" => "path, or `auto`",
        "Auto<DatabaseUrl>" | "Auto<ObjectsUrl>" | "Auto<PublicUrl>" => "URL, or `auto`",
        "Auto<Secret>" => "secret, or `auto`",
        other => other,
    }
}

/// The flag of its own that a key has.
fn flag(name: &str) -> &'static str {
    match name {
        "server.listen" => "`serve --listen`",
        "data.folder" => "`--data`",
        "database.url" => "`--database`",
        "objects.url" => "`--objects`",
        "worker.concurrency" => "`worker --concurrency`",
        "worker.threads" => "`--threads`",
        _ => "",
    }
}
