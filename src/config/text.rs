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
