//! Texts as PostgreSQL holds them.

use std::borrow::Cow;

/// PostgreSQL's texts hold every character but U+0000. Identities have none; in free text, and in what is looked for, it
/// becomes the replacement character, as in every browser. JSON texts need nothing: there it is an escape.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_character_is_replaced_and_nothing_else() {
        assert_eq!(plain("a\0b"), "a\u{fffd}b");
        assert!(matches!(plain("\u{1}ü"), Cow::Borrowed("\u{1}ü")));
    }
}
