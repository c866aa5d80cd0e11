//! Numbers and hashes as automerge writes them, read in place and appended to buffers that are used again.

/// A SHA-256 of a change.
pub type Hash = [u8; 32];

/// Bytes yet to be read. Every method answers `None` where they end too soon.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// One byte.
    pub fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// An unsigned LEB128 number.
    pub fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A signed LEB128 number.
    pub fn signed(&mut self) -> Option<i64> {
        let mut value = 0_i64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let sign = if byte & 0x40 == 0 { 0 } else { -1 << (shift + 7) };
                return Some(value | sign);
            }
        }
        None
    }

    /// An unsigned number that counts or measures what follows.
    pub fn length(&mut self) -> Option<usize> {
        usize::try_from(self.unsigned()?).ok()
    }

    /// Bytes behind their length.
    pub fn blob(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    /// Hashes behind their number.
    pub fn hashes(&mut self) -> Option<&'a [Hash]> {
        let count = self.length()?;
        let bytes = self.take(count.checked_mul(size_of::<Hash>())?)?;
        Some(bytes.as_chunks().0)
    }
}

/// Appends an unsigned LEB128 number.
pub fn put_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed LEB128 number.
pub fn put_signed(out: &mut Vec<u8>, mut value: i64) {
    while !(-0x40..0x40).contains(&value) {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8 & 0x7f);
}

/// Appends bytes behind their length.
pub fn put_blob(out: &mut Vec<u8>, bytes: &[u8]) {
    put_unsigned(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends hashes behind their number.
pub fn put_hashes(out: &mut Vec<u8>, hashes: &[Hash]) {
    put_unsigned(out, hashes.len() as u64);
    out.extend_from_slice(hashes.as_flattened());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back() {
        for shift in 0..62 {
            for value in [1_i64 << shift, (1 << shift) - 1, -(1 << shift), -(1 << shift) - 1] {
                let mut out = Vec::new();
                put_signed(&mut out, value);
                put_unsigned(&mut out, value.unsigned_abs());
                let mut reader = Reader(&out);
                assert_eq!((reader.signed(), reader.unsigned()), (Some(value), Some(value.unsigned_abs())));
                assert!(reader.0.is_empty());
            }
        }
    }

    #[test]
    fn what_is_cut_off_is_not_read() {
        let mut out = Vec::new();
        put_hashes(&mut out, &[[7; 32], [8; 32]]);
        assert_eq!(Reader(&out).hashes(), Some(&[[7; 32], [8; 32]][..]));
        assert_eq!(Reader(&out[..64]).hashes(), None);
        assert_eq!(Reader(&[0x80]).unsigned(), None);
        assert_eq!(Reader(&[0xff; 20]).unsigned(), None);
        assert_eq!(Reader(&[5, 1]).blob(), None);
    }
}
