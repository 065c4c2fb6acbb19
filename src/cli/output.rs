//! What a command prints: text and tables for people, one JSON document for programs.
//!
//! Results go to standard output, everything else to standard error. Colour only on a terminal, and not when
//! `NO_COLOR` asks for none. A reader that went away (`| head`) is not an error.

use std::io::{self, IsTerminal as _, Write as _};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{
    Attribute, Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle,
};
use serde::Serialize;

use super::exit::{Exit, Failure, one_line};

/// Rounded corners, one line below the headings, none between rows.
fn frame() -> TableStyle {
    UTF8_FULL_CONDENSED
        .with_rounded_corners()
        .with_solid_inner_borders()
        .header_separator(LineStyle::new('├', '─', '┼', '┤'))
        .row_separator(LineStyle::none())
}

/// How results are shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// `--json`.
    pub(crate) json: bool,
    /// Standard output is a terminal that may get colour.
    colour: bool,
    /// Standard error is a terminal.
    pub(crate) progress: bool,
}

impl Output {
    /// For this process.
    pub(crate) fn new(json: bool) -> Self {
        let colour = io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            json,
            colour: colour && !json,
            progress: io::stderr().is_terminal(),
        }
    }

    /// Text without colour.
    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self {
            json: false,
            colour: false,
            progress: false,
        }
    }

    /// Prints the result: as JSON, or as the text that `human` makes.
    pub(crate) fn result<T: Serialize>(
        self,
        value: &T,
        human: impl FnOnce(Self) -> String,
    ) -> Result<(), Failure> {
        if !self.json {
            return Self::text(&human(self));
        }
        let text = serde_json::to_string_pretty(value).map_err(|error| {
            Failure::new(
                Exit::Unavailable,
                format!("cannot print: standard output: {error}"),
            )
        })?;
        Self::text(&text)
    }

    /// Prints lines on standard output.
    pub(crate) fn text(text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(
                Exit::Unavailable,
                format!("cannot print: standard output: {error}"),
            )),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Prints a line for people on standard error; there is no one to tell when that fails.
    pub(crate) fn note(line: &str) {
        drop(writeln!(io::stderr().lock(), "{}", one_line(line)));
    }

    /// Prints how it ended.
    pub(crate) fn failure(failure: &Failure) {
        drop(writeln!(io::stderr().lock(), "{failure}"));
    }

    /// An empty table with these headings; those that begin with `>` stand right.
    pub(crate) fn table(self, headings: &[&str]) -> Table {
        let mut table = Table::new();
        table.load_style(frame());
        table.set_content_arrangement(ContentArrangement::Disabled);
        if self.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_header(headings.iter().map(|heading| {
            Cell::new(heading.trim_start_matches('>')).add_attribute(Attribute::Bold)
        }));
        for (column, heading) in table.column_iter_mut().zip(headings) {
            if heading.starts_with('>') {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }

    /// Bold on a terminal.
    pub(crate) fn strong(self, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[1m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// Dim on a terminal.
    pub(crate) fn faint(self, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[2m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// Green on a terminal.
    pub(crate) fn good(self, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[32m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
