//! Instrumented (`--cfg fuzzing`, see run.sh): libFuzzer on the target that `FUZZ_TARGET` names. Otherwise: what goes
//! from the kept corpus to libFuzzer's folders and back.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
mod instrumented {
    use std::cell::RefCell;
    use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
    use std::sync::LazyLock;

    use concord_fuzz::{Target, run};

    thread_local! {
        static LAST: RefCell<String> = const { RefCell::new(String::new()) };
    }

    /// libFuzzer's own hook ends the process at every panic, but the gate catches those of automerge: only one that
    /// nobody catches is a finding.
    static TARGET: LazyLock<Target> = LazyLock::new(|| {
        set_hook(Box::new(|info| LAST.with_borrow_mut(|last| *last = info.to_string())));
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        name.parse().unwrap_or_else(|error| {
            eprintln!("FUZZ_TARGET: {error}");
            std::process::exit(2)
        })
    });

    libfuzzer_sys::fuzz_target!(|data: &[u8]| {
        let target = *TARGET;
        if catch_unwind(AssertUnwindSafe(|| run(target, data))).is_err() {
            LAST.with_borrow(|last| eprintln!("{} broke a promise: {last}", target.name()));
            std::process::abort();
        }
    });
}

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    use std::path::Path;

    use concord_fuzz::{Target, corpus};

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["unpack", folder] => Target::ALL
            .into_iter()
            .try_for_each(|target| corpus::unpack(target, &Path::new(folder).join(target.name()))),
        ["pack", folder] => Target::ALL.into_iter().try_for_each(|target| {
            let packed = corpus::pack(target, &Path::new(folder).join(target.name()))?;
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(format!("{}.txt", target.name()));
            std::fs::write(path, packed)
        }),
        _ => Err(std::io::Error::other("fuzz unpack FOLDER | fuzz pack FOLDER; to fuzz: tests/fuzz/run.sh")),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::from(2)
        }
    }
}
