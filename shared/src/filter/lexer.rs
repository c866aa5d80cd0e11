//! Text to tokens. Written by hand, like the parser: messages can then say in the words of the language what would fit, nesting and
//! size are bounded where they arise, and nothing is added to the build.

use serde_json::{Number, Value};

use super::error::{FilterError, Position};

/// Longest text, in bytes: room for a list of 10,000 ids.
pub const TEXT_BYTES: usize = 512 * 1024;

/// A token with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: Position,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// A name or keyword as written.
    Word(String),
    /// `` `name` ``: always a name.
    Name(String),
    /// `"…"`: a name or a text, which the parser decides.
    Double(String),
    /// `'…'`.
    Text(String),
    Number(Number),
    Symbol(&'static str),
    End,
}

/// Longest first.
const SYMBOLS: [&str; 26] = [
    "!=", "<>", "<=", ">=", "=>", "==", "=", "<", ">", "(", ")", "[", "]", "{", "}", ",", ".", ":", "?", "+", "-", "*",
    "/", "%", "|", ";",
];

impl Token {
    /// For messages: what was found.
    pub(super) fn shown(&self) -> String {
        let cut = |text: &str| -> String {
            let mut shown: String = text.chars().take(40).collect();
            if shown.len() < text.len() {
                shown.push('…');
            }
            shown
        };
        match &self.kind {
            TokenKind::Word(word) => cut(word),
            TokenKind::Name(name) => format!("`{}`", cut(name)),
            TokenKind::Double(text) => format!("\"{}\"", cut(text)),
            TokenKind::Text(text) => format!("'{}'", cut(text)),
            TokenKind::Number(number) => number.to_string(),
            TokenKind::Symbol(symbol) => format!("\"{symbol}\""),
            TokenKind::End => "the end".to_owned(),
        }
    }

    /// Whether it is this keyword, in any case.
    pub(super) fn is_word(&self, keyword: &str) -> bool {
        matches!(&self.kind, TokenKind::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// Whether it is this symbol.
    pub(super) fn is(&self, symbol: &str) -> bool {
        matches!(self.kind, TokenKind::Symbol(found) if found == symbol)
    }
}

/// All tokens of a text, the end included.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, FilterError> {
    if text.len() > TEXT_BYTES {
        let message = format!("has {} bytes; {TEXT_BYTES} are allowed", text.len());
        return Err(FilterError::at(Position::START, message));
    }
    let mut lexer = Lexer { rest: text, at: Position::START };
    let mut tokens = Vec::new();
    loop {
        lexer.skip();
        let at = lexer.at;
        let kind = lexer.token()?;
        let ends = kind == TokenKind::End;
        tokens.push(Token { kind, at });
        if ends {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    rest: &'a str,
    at: Position,
}

impl<'a> Lexer<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        self.rest = chars.as_str();
        self.at.offset += 1;
        if next == '\n' {
            (self.at.line, self.at.column) = (self.at.line + 1, 1);
        } else {
            self.at.column += 1;
        }
        Some(next)
    }

    /// Takes characters as long as they are such.
    fn take(&mut self, is: impl Fn(char) -> bool) -> &'a str {
        let before = self.rest;
        while self.peek().is_some_and(&is) {
            self.next();
        }
        &before[..before.len() - self.rest.len()]
    }

    /// White space, and comments to the end of the line.
    fn skip(&mut self) {
        loop {
            self.take(char::is_whitespace);
            if !self.rest.starts_with("--") {
                return;
            }
            self.take(|c| c != '\n');
        }
    }

    fn token(&mut self) -> Result<TokenKind, FilterError> {
        let Some(first) = self.peek() else { return Ok(TokenKind::End) };
        let number_follows = first == '.' && self.rest[1..].starts_with(|c: char| c.is_ascii_digit());
        match first {
            '\'' => self.quoted('\'').map(TokenKind::Text),
            '"' => self.quoted('"').map(TokenKind::Double),
            '`' => self.quoted('`').map(TokenKind::Name),
            _ if first.is_ascii_digit() || number_follows => self.number(),
            _ if first.is_alphabetic() || first == '_' => {
                Ok(TokenKind::Word(self.take(|c| c.is_alphanumeric() || c == '_').to_owned()))
            }
            _ => match SYMBOLS.iter().find(|symbol| self.rest.starts_with(**symbol)) {
                Some(symbol) => {
                    for _ in symbol.chars() {
                        self.next();
                    }
                    Ok(TokenKind::Symbol(symbol))
                }
                None => {
                    let right = match first {
                        '&' => "write and",
                        '!' => "write not",
                        '‘' | '’' | '“' | '”' => "write straight quotes, as in 'text'",
                        _ => "texts stand in '…', odd names in \"…\"",
                    };
                    Err(FilterError::at(self.at, format!("{first:?} means nothing here; {right}")))
                }
            },
        }
    }

    /// A backslash escapes itself and the quote; before anything else it stays, so that `\%` reaches `like`. A doubled quote is one.
    fn quoted(&mut self, quote: char) -> Result<String, FilterError> {
        let begin = self.at;
        self.next();
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                '\\' => match self.peek() {
                    Some(escaped) if escaped == quote || escaped == '\\' => {
                        self.next();
                        text.push(escaped);
                    }
                    _ => text.push('\\'),
                },
                _ if c == quote && self.peek() == Some(quote) => {
                    self.next();
                    text.push(quote);
                }
                _ if c == quote => return Ok(text),
                _ => text.push(c),
            }
        }
        Err(FilterError::at(begin, format!("the text that begins here has no end; close it with {quote}")))
    }

    fn number(&mut self) -> Result<TokenKind, FilterError> {
        let (at, before) = (self.at, self.rest);
        let digit = |c: char| c.is_ascii_digit();
        self.take(digit);
        // `tags[0].name` has no fraction.
        if self.rest.starts_with('.') && self.rest[1..].starts_with(digit) {
            self.next();
            self.take(digit);
        }
        let exponent = self.rest.strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
        if exponent.is_some_and(|rest| rest.starts_with(digit)) {
            self.next();
            self.take(|c| c == '+' || c == '-');
            self.take(digit);
        }
        let written = &before[..before.len() - self.rest.len()];
        if self.peek().is_some_and(|c| c.is_alphabetic() || c == '_') {
            let message = format!(
                "a number such as {written} cannot be followed by a letter; names with digits first stand in \"…\""
            );
            return Err(FilterError::at(self.at, message));
        }
        let padded = if written.starts_with('.') { format!("0{written}") } else { written.to_owned() };
        // JSON's numbers have no leading zeros.
        let trimmed = padded.trim_start_matches('0');
        let json =
            if trimmed.starts_with(|c: char| c.is_ascii_digit()) { trimmed.to_owned() } else { format!("0{trimmed}") };
        match serde_json::from_str(&json) {
            Ok(Value::Number(number)) => Ok(TokenKind::Number(number)),
            _ => Err(FilterError::at(
                at,
                format!("{} is out of the range of numbers", written.chars().take(40).collect::<String>()),
            )),
        }
    }
}
