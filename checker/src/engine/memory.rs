//! How much memory there is, and how much of it this process has.

use std::fs::read_to_string;

/// Bytes that this process has in memory, and the most that it ever had; `None` where the system does not say.
pub(crate) fn resident() -> Option<u64> {
    kilobytes(&read_to_string("/proc/self/status").ok()?, "VmRSS:")
}

/// The most bytes that this process ever had in memory.
pub(crate) fn peak() -> Option<u64> {
    kilobytes(&read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

/// Bytes that this process may take without pushing others out, control groups considered.
pub(crate) fn available() -> Option<u64> {
    let machine = kilobytes(&read_to_string("/proc/meminfo").ok()?, "MemAvailable:")?;
    let number = |file: &str| read_to_string(file).ok()?.trim().parse::<u64>().ok();
    let group = number("/sys/fs/cgroup/memory.max")
        .map(|most| most.saturating_sub(number("/sys/fs/cgroup/memory.current").unwrap_or(0)));
    Some(group.map_or(machine, |group| group.min(machine)))
}

/// The value of a line such as `VmRSS:  1234 kB`.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        assert_eq!(kilobytes("Name:\tx\nVmHWM:\t     12 kB\nVmRSS:\t 8 kB\n", "VmRSS:"), Some(8192));
        assert_eq!(kilobytes("", "VmRSS:"), None);
    }
}
