//! What Linux tells about a process: processor time, memory, load.

use std::fs;
use std::time::Duration;

/// Times in `/proc/<pid>/stat` are in hundredths of a second on every Linux (USER_HZ).
const TICK: Duration = Duration::from_millis(10);

/// User and system time that a process has used; `None` when it is gone or the system is not Linux.
pub fn cpu(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold spaces; the fields after it may not. utime and stime are fields 14 and 15.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u32 = fields.next()?.parse::<u32>().ok()? + fields.next()?.parse::<u32>().ok()?;
    Some(TICK * ticks)
}

/// Resident memory in bytes.
pub fn memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Runnable tasks of the machine over the last minute.
pub fn load_average() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn reads_this_process() {
        let me = std::process::id();
        assert!(cpu(me).is_some() && load_average().is_some());
        assert!(memory(me).is_some_and(|bytes| bytes > 100_000));
        assert_eq!(cpu(u32::MAX), None);
    }
}
