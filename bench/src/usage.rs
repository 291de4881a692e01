//! CPU time and memory of other processes, from `/proc`.

use crate::Outcome;
use std::{fs, path::Path};

/// Ticks per second of CPU times in `/proc`, which Linux fixes at 100 for programs.
const TICKS: f64 = 100.0;

struct Stat {
    parent: u32,
    own: u64,
    /// Time of children that have ended and were waited for.
    ended: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program can contain anything, but ends at the last parenthesis.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok());
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own: number(11)? + number(12)?,
        ended: number(13)? + number(14)?,
    })
}

/// Seconds of CPU a process has used.
pub fn process(pid: u32) -> Outcome<f64> {
    let stat = stat(pid).ok_or_else(|| format!("Process {pid} no longer exists."))?;
    Ok(stat.own as f64 / TICKS)
}

/// Seconds of CPU a process and all its children have used, including those that have ended.
pub fn process_tree(pid: u32) -> Outcome<f64> {
    let parent = stat(pid).ok_or_else(|| format!("Process {pid} no longer exists."))?;
    let entries = fs::read_dir("/proc").map_err(|error| format!("/proc cannot be read: {error}"))?;
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let children: u64 = pids.filter_map(stat).filter(|stat| stat.parent == pid).map(|stat| stat.own + stat.ended).sum();
    Ok((parent.own + parent.ended + children) as f64 / TICKS)
}

/// Resets the peak memory.
pub fn reset_peak(pid: u32) -> Outcome {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").map_err(|error| format!("the peak cannot be reset: {error}"))
}

/// Peak resident memory of a process since the last reset.
pub fn peak_mebibytes(pid: u32) -> Outcome<f64> {
    memory(pid, "VmHWM:")
}

/// Resident memory of a process now.
pub fn resident_mebibytes(pid: u32) -> Outcome<f64> {
    memory(pid, "VmRSS:")
}

fn memory(pid: u32, name: &str) -> Outcome<f64> {
    let status = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"))
        .map_err(|error| format!("process {pid} cannot be read: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    Ok(kibibytes.ok_or_else(|| format!("/proc has no {name}"))? / 1024.0)
}
