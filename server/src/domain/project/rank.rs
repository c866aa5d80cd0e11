//! Positions as text that sorts: a new item goes after the last without renumbering the others.

/// Characters of a rank; plain text comparison is their order.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Digits that a fresh rank counts in.
const WIDTH: usize = 6;
/// Distance between neighbours: room for a dozen halvings between two items before a rank grows longer.
const STEP: u64 = 36 * 36 * 36;
/// Longest rank that is accepted.
pub const RANK_BYTES: usize = 64;

/// A rank above `last`; without one, a rank with as much room before it as after it.
pub fn after(last: Option<&str>) -> String {
    let Some(last) = last else { return write(36_u64.pow(5) * 18) };
    let next = last.get(..WIDTH.min(last.len())).and_then(read).map(|number| number + STEP);
    match next.filter(|number| *number < 36_u64.pow(6)) {
        Some(number) => write(number),
        // Near the end, or chosen by hand in other characters: longer text with the same beginning sorts after it.
        None => format!("{last}i"),
    }
}

fn read(digits: &str) -> Option<u64> {
    let mut number = 0;
    for position in 0..WIDTH {
        let digit = match digits.as_bytes().get(position) {
            Some(byte) => DIGITS.iter().position(|digit| digit == byte)?,
            None => 0,
        };
        number = number * 36 + digit as u64;
    }
    Some(number)
}

fn write(mut number: u64) -> String {
    let mut digits = [b'0'; WIDTH];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(number % 36) as usize];
        number /= 36;
    }
    digits.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranks_grow_and_stay_short() {
        let mut last = after(None);
        for _ in 0..1000 {
            let next = after(Some(&last));
            assert!(next > last && next.len() == WIDTH, "{last} then {next}");
            last = next;
        }
        assert_eq!(after(Some("zzzzzz")), "zzzzzzi");
    }

    proptest! {
        #[test]
        fn a_new_rank_sorts_after_any_text(last in "\\PC{0,20}") {
            prop_assert!(after(Some(&last)) > last);
        }
    }
}
