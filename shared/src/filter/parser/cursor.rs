//! Where the parser is, and what it says when it cannot go on.

use crate::filter::error::{FilterError, Position};
use crate::filter::lexer::{Token, TokenKind, tokens};

/// Deepest nesting of parentheses, calls and the like.
pub(super) const DEPTH: u16 = 64;

pub(super) struct Cursor {
    tokens: Vec<Token>,
    place: usize,
    depth: u16,
}

impl Cursor {
    pub(super) fn new(text: &str) -> Result<Self, FilterError> {
        Ok(Self { tokens: tokens(text)?, place: 0, depth: 0 })
    }

    pub(super) fn peek(&self) -> &Token {
        self.ahead(0)
    }

    /// The token some places further; the last is the end, and stays.
    pub(super) fn ahead(&self, count: usize) -> &Token {
        &self.tokens[(self.place + count).min(self.tokens.len() - 1)]
    }

    /// The token some places before, if there is one.
    pub(super) fn behind(&self, count: usize) -> Option<&Token> {
        self.tokens.get(self.place.checked_sub(count)?)
    }

    pub(super) fn at(&self) -> Position {
        self.peek().at
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.place = (self.place + 1).min(self.tokens.len() - 1);
        token
    }

    pub(super) fn eat(&mut self, symbol: &str) -> bool {
        let found = self.peek().is(symbol);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn eat_word(&mut self, keyword: &str) -> bool {
        let found = self.peek().is_word(keyword);
        if found {
            self.next();
        }
        found
    }

    /// Takes keywords that stand one after the other, or none.
    pub(super) fn eat_words(&mut self, keywords: &[&str]) -> bool {
        let found = keywords.iter().enumerate().all(|(i, keyword)| self.ahead(i).is_word(keyword));
        if found {
            keywords.iter().for_each(|_| drop(self.next()));
        }
        found
    }

    pub(super) fn expect(&mut self, symbol: &str, after: &str) -> Result<(), FilterError> {
        if self.eat(symbol) {
            return Ok(());
        }
        Err(self.wrong(&format!("\"{symbol}\" {after}")))
    }

    pub(super) fn expect_word(&mut self, keyword: &str, after: &str) -> Result<(), FilterError> {
        if self.eat_word(keyword) {
            return Ok(());
        }
        Err(self.wrong(&format!("{keyword} {after}")))
    }

    /// Nothing may follow but the end.
    pub(super) fn end(&mut self, fits: &str) -> Result<(), FilterError> {
        while self.eat(";") {}
        if self.peek().kind == TokenKind::End {
            return Ok(());
        }
        let wrong = self.wrong(&format!("{fits}, or the end"));
        Err(FilterError { message: wrong.message.clone() + &self.hint(), ..wrong })
    }

    /// Found one thing where another should be.
    pub(super) fn wrong(&self, expected: &str) -> FilterError {
        let token = self.peek();
        FilterError::at(token.at, format!("found {} where {expected} should be", token.shown()))
    }

    /// Goes one level down, bounded.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, FilterError>,
    ) -> Result<T, FilterError> {
        if self.depth >= DEPTH {
            return Err(FilterError::at(self.at(), format!("is nested deeper than {DEPTH} levels; say it in parts")));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Items with commas between them.
    pub(super) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, FilterError>,
    ) -> Result<Vec<T>, FilterError> {
        let mut items = vec![item(self)?];
        while self.eat(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// Any name, also one that is a keyword elsewhere.
    pub(super) fn name(&mut self, what: &str) -> Result<String, FilterError> {
        match &self.peek().kind {
            TokenKind::Word(name) | TokenKind::Name(name) | TokenKind::Double(name) => {
                let name = name.clone();
                self.next();
                Ok(name)
            }
            _ => Err(self.wrong(what)),
        }
    }

    /// A text in quotes of either kind.
    pub(super) fn text(&mut self, what: &str) -> Result<String, FilterError> {
        match &self.peek().kind {
            TokenKind::Text(text) | TokenKind::Double(text) => {
                let text = text.clone();
                self.next();
                Ok(text)
            }
            _ => Err(self.wrong(what)),
        }
    }

    /// A whole number, with its sign.
    pub(super) fn whole(&mut self, what: &str) -> Result<i64, FilterError> {
        let minus = self.peek().is("-");
        let token = self.ahead(usize::from(minus));
        let number = match &token.kind {
            TokenKind::Number(number) => number.as_i64(),
            _ => None,
        };
        match number {
            Some(number) => {
                if minus {
                    self.next();
                }
                self.next();
                Ok(if minus { -number } else { number })
            }
            None => Err(self.wrong(what)),
        }
    }
}
