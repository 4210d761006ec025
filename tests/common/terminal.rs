//! The program on a pseudo-terminal: what someone who sits before it sees, and can type.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::Scene;

/// Nothing that works takes as long.
const LIMIT: Duration = Duration::from_secs(60);

/// The program, run on a terminal of its own.
pub struct Terminal {
    child: Child,
    keys: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

/// Which of the program's streams are the terminal; the others are pipes no one looks at.
#[derive(Clone, Copy, Debug)]
pub struct On {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
}

impl On {
    /// All three, as in a shell.
    pub const ALL: Self = Self { stdin: true, stdout: true, stderr: true };
}

impl Terminal {
    /// Runs the program, so many columns wide.
    pub fn run(scene: &Scene, args: &[&str], on: On, columns: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        tcsetwinsize(&slave, Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let stream = |is_terminal: bool, slave: &OwnedFd| match is_terminal {
            true => Stdio::from(slave.try_clone().unwrap()),
            false => Stdio::null(),
        };
        let mut command = scene.program(args);
        command.stdin(stream(on.stdin, &slave)).stdout(stream(on.stdout, &slave));
        let child = command.stderr(stream(on.stderr, &slave)).spawn().unwrap();
        drop((command, slave));
        let mut screen = File::from(master.try_clone().unwrap());
        let (shows, shown) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // On Linux the end is an error: the other side is gone.
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                if shows.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, keys: File::from(master), screen: shown, seen: String::new() }
    }

    /// Waits until the screen shows a text that was not waited for before.
    pub fn wait_for(&mut self, text: &str) {
        let until = Instant::now() + LIMIT;
        while !self.seen.contains(text) {
            let left = until.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("{text:?} never came:\n{}", self.seen),
            }
        }
    }

    /// Returns what the screen showed so far.
    pub fn seen(&self) -> &str {
        &self.seen
    }

    /// Types keys.
    pub fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Does what Ctrl-C does.
    pub fn interrupt(&self) {
        self.signal(rustix::process::Signal::INT);
    }

    /// Sends a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal).unwrap();
    }

    /// Returns whether what is started here ignores Ctrl-C until it listens for it, as behind `nohup … &`: a program
    /// inherits that. Where it cannot be told, it is not so.
    pub fn ignores_interrupts() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:\t"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask, 16).ok()).unwrap_or_default();
        ignored & 1 << (rustix::process::Signal::INT.as_raw() - 1) != 0
    }

    /// Waits for the end, and returns all that was on the screen, and the code.
    pub fn end(mut self) -> (String, i32) {
        let until = Instant::now() + LIMIT;
        loop {
            match self.screen.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    self.child.kill().unwrap();
                    panic!("the program does not end:\n{}", self.seen);
                }
            }
        }
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        (self.seen.clone(), code)
    }
}
