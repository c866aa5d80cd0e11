//! Progress on stderr: a line for every tenth of a part, so that logs stay short.

/// Shows how far something is.
#[derive(Default)]
pub(super) struct Meter {
    part: &'static str,
    tenths: u64,
}

impl Meter {
    /// `done` of `of` things of a part are done.
    pub(super) fn show(&mut self, part: &'static str, done: u64, of: u64) {
        let tenths = (done * 10).checked_div(of).unwrap_or(10);
        if self.part != part {
            *self = Self { part, tenths: 0 };
        }
        if tenths > self.tenths {
            self.tenths = tenths;
            eprintln!("{part}: {done} of {of}");
        }
    }
}
