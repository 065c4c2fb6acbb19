//! Rust text taken apart just far enough for the rules: code without comments and strings, and the strings apart.
//!
//! Not a parser. It knows comments, strings, raw strings and character literals; everything else is code.

/// A Rust file, split. `code` has the same lines as the file, with comments and the insides of strings blanked.
#[derive(Debug)]
pub(super) struct Source {
    /// The code, line by line.
    pub(super) code: String,
    /// Line (from 1) and text of every string literal.
    pub(super) strings: Vec<(usize, String)>,
}

impl Source {
    /// Splits `text`.
    pub(super) fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let (mut code, mut strings, mut line, mut at) = (String::new(), Vec::new(), 1, 0);
        while at < chars.len() {
            let end = match literal(&chars, at) {
                Some(Literal::Comment(end)) => end,
                Some(Literal::Text { open, close, end }) => {
                    strings.push((line, chars[open..close].iter().collect()));
                    code.push('"');
                    end
                }
                None => {
                    code.push(chars[at]);
                    line += usize::from(chars[at] == '\n');
                    at += 1;
                    continue;
                }
            };
            for &c in &chars[at..end] {
                if c == '\n' {
                    code.push('\n');
                    line += 1;
                }
            }
            at = end;
        }
        Self { code, strings }
    }

    /// Lines of code with their numbers from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .lines()
            .enumerate()
            .map(|(index, text)| (index + 1, text))
    }

    /// Words of the code with the line they stand on.
    pub(super) fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().flat_map(|(line, text)| {
            text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .filter(|word| !word.is_empty())
                .map(move |word| (line, word))
        })
    }

    /// Functions: line of `fn`, name, signature up to the body, and number of lines to the closing brace.
    pub(super) fn functions(&self) -> Vec<Function> {
        let code = &self.code;
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(offset) = code[from..].find("fn ") {
            let start = from + offset;
            from = start + 3;
            if code[..start]
                .chars()
                .next_back()
                .is_some_and(|c| c.is_alphanumeric() || c == '_')
            {
                continue;
            }
            let Some(open) = code[from..].find(['{', ';']).map(|offset| from + offset) else {
                break;
            };
            let signature = code[from..open].to_owned();
            let name: String = signature
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if name.is_empty() {
                continue;
            }
            let end = if code.as_bytes()[open] == b'{' {
                closing(code, open)
            } else {
                open
            };
            let first = code[..start].matches('\n').count() + 1;
            found.push(Function {
                line: first,
                name,
                signature,
                lines: code[start..end].matches('\n').count() + 1,
            });
        }
        found
    }
}

/// A function of a file.
#[derive(Debug)]
pub(super) struct Function {
    /// Line of the word `fn`.
    pub(super) line: usize,
    /// Its name.
    pub(super) name: String,
    /// From its name to its body.
    pub(super) signature: String,
    /// From `fn` to the closing brace.
    pub(super) lines: usize,
}

/// What begins at a place and is not code.
enum Literal {
    /// A comment up to `.0`.
    Comment(usize),
    /// A string whose inside is `open..close` and which ends before `end`.
    Text {
        open: usize,
        close: usize,
        end: usize,
    },
}

/// The literal or comment that begins at `at`, if one does.
fn literal(chars: &[char], at: usize) -> Option<Literal> {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => Some(Literal::Comment(
            at + until(&chars[at..], "\n").unwrap_or(chars.len() - at),
        )),
        '/' if next == Some('*') => Some(Literal::Comment(
            at + until(&chars[at..], "*/").map_or(chars.len() - at, |n| n + 2),
        )),
        '"' => {
            let mut close = at + 1;
            while close < chars.len() && chars[close] != '"' {
                close += if chars[close] == '\\' { 2 } else { 1 };
            }
            let close = close.min(chars.len());
            Some(Literal::Text {
                open: at + 1,
                close,
                end: (close + 1).min(chars.len()),
            })
        }
        'r' if matches!(next, Some('"' | '#'))
            && !at
                .checked_sub(1)
                .is_some_and(|before| chars[before].is_alphanumeric() || chars[before] == '_') =>
        {
            let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
            let open = at + hashes + 2;
            if chars.get(open - 1) != Some(&'"') {
                return None;
            }
            let mark = format!("\"{}", "#".repeat(hashes));
            let close = open + until(&chars[open..], &mark).unwrap_or(chars.len() - open);
            Some(Literal::Text {
                open,
                close,
                end: (close + 1 + hashes).min(chars.len()),
            })
        }
        '\'' if next == Some('\\') => {
            let end = at + 3 + until(&chars[(at + 3).min(chars.len())..], "'")?;
            Some(Literal::Text {
                open: at + 1,
                close: end,
                end: end + 1,
            })
        }
        '\'' if chars.get(at + 2) == Some(&'\'') => Some(Literal::Text {
            open: at + 1,
            close: at + 2,
            end: at + 3,
        }),
        _ => None,
    }
}

/// Where `mark` begins in `chars`.
fn until(chars: &[char], mark: &str) -> Option<usize> {
    let mark: Vec<char> = mark.chars().collect();
    chars.windows(mark.len()).position(|window| window == mark)
}

/// The offset of the brace that closes the one at `open`.
fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, c) in code[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return open + offset;
                }
            }
            _ => {}
        }
    }
    code.len()
}
