//! The one source of randomness for secrets.

/// 256 bits from the operating system.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without randomness no secret can be made; there is no sensible way on.
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
