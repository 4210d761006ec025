//! Runs `az` and `azd` for tokens, so that they can neither hang nor flood.
//! It finds the answer also where there is more around it.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use azure_identity::Executor;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

/// No answer with a token in it is as long, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// What a program did in place of giving a token.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProgramError {
    #[error("`{0}` printed more than 1 MiB, which is no token; it was ended")]
    TooLong(&'static str),
    #[error("`{0}` is on PATH, and this user cannot run it")]
    NotExecutable(&'static str),
    /// It ended well, and what it printed is not shown: it may be half of a token.
    #[error("`{0}` printed no token")]
    NoToken(&'static str),
}

/// Runs one of the programs, for azure_identity. It ends when no one waits for it any more.
#[derive(Debug)]
pub(super) struct Program {
    name: &'static str,
    /// The field that holds the token in what it prints.
    field: &'static str,
    /// Where the Azure CLI keeps its accounts, for this program alone; `None` is its own place.
    config: Option<PathBuf>,
}

impl Program {
    pub(super) fn executor(
        name: &'static str,
        field: &'static str,
        config: Option<PathBuf>,
    ) -> Arc<dyn Executor> {
        Arc::new(Self { name, field, config })
    }
}

/// How long the Azure CLI may take to say who is signed in: it starts a Python.
const PATIENCE: Duration = Duration::from_secs(10);

/// Returns a domain, or else the id, of the tenant that the Azure CLI is signed in to; `None` where nobody is.
pub async fn azure_cli_tenant() -> Option<String> {
    let az = Program { name: "az", field: "tenantId", config: None };
    // A script, on Windows, that its shell alone starts.
    let mut words = if cfg!(windows) { vec!["cmd", "/C", "az"] } else { vec!["az"] };
    words.extend(["account", "show", "--output", "json"]);
    let words: Vec<&OsStr> = words.into_iter().map(OsStr::new).collect();
    let answer = tokio::time::timeout(PATIENCE, az.run(words[0], &words[1..])).await.ok()?.ok()?;
    let account: Value = serde_json::from_slice(&answer.stdout).ok()?;
    let said = |field: &str| account[field].as_str().filter(|said| !said.is_empty()).map(str::to_owned);
    said("tenantDefaultDomain").or_else(|| said("tenantId"))
}

#[async_trait::async_trait]
impl Executor for Program {
    async fn run(&self, program: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        let mut command = Command::new(program);
        command.args(args).env("AZURE_CORE_NO_COLOR", "true").kill_on_drop(true);
        if let Some(folder) = &self.config {
            command.env("AZURE_CONFIG_DIR", folder);
        }
        // A question could not be seen, and no one would answer it.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let mut family = Family::of(&child);
        let too_long = || io::Error::other(ProgramError::TooLong(self.name));
        let reading = async { tokio::try_join!(read(stdout, too_long), read(stderr, too_long)) };
        let (stdout, stderr) = reading.await?;
        let status = child.wait().await?;
        family.is_over();
        // What a shell says of a program that is there.
        if status.code() == Some(126) {
            return Err(io::Error::other(ProgramError::NotExecutable(self.name)));
        }
        let stdout = match (status.success(), token(&stdout, self.field)) {
            (true, None) => return Err(io::Error::other(ProgramError::NoToken(self.name))),
            (_, Some(token)) => token.to_string().into_bytes(),
            (false, None) => stdout,
        };
        Ok(Output { status, stdout, stderr: without_colours(&stderr) })
    }
}

/// Reads to the end, unless that is too far.
async fn read(from: Option<impl AsyncRead + Unpin>, too_long: impl Fn() -> io::Error) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        from.take(LONGEST + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > LONGEST { Err(too_long()) } else { Ok(bytes) }
}

/// Returns the JSON object that has the field, whatever is printed before, behind, and as its colours.
fn token(printed: &[u8], field: &str) -> Option<Value> {
    let printed = without_colours(printed);
    let starts = printed.iter().enumerate().filter(|(_, byte)| **byte == b'{').map(|(at, _)| at);
    let objects = starts.filter_map(|at| {
        let mut values = serde_json::Deserializer::from_slice(&printed[at..]).into_iter::<Value>();
        values.next()?.ok()
    });
    objects.into_iter().find(|object| object.get(field).is_some_and(Value::is_string))
}

fn without_colours(printed: &[u8]) -> Vec<u8> {
    anstream::adapter::strip_bytes(printed).into_vec()
}

/// A program and what it started: `az` is a script that starts a Python, which goes on when the script is killed.
/// All are ended with this, unless the program came to its own end.
struct Family(Option<u32>);

impl Family {
    fn of(child: &Child) -> Self {
        Self(child.id())
    }

    fn is_over(&mut self) {
        self.0 = None;
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        if let Some(id) = self.0 {
            end(id);
        }
    }
}

/// Ends every process of the group that the program leads.
#[cfg(unix)]
fn end(id: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};

    if let Some(group) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // Where it is gone already, so much the better.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Ends the program and what it started, with the program Windows has for it.
#[cfg(windows)]
fn end(id: u32) {
    let mut killing = std::process::Command::new("taskkill");
    killing.args(["/T", "/F", "/PID", &id.to_string()]);
    // Waited for: what the program started can no longer be found once it is gone itself. Where it is gone already, so
    // much the better.
    let _ = killing.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_among_colours_and_warnings() {
        for printed in [
            "{\"accessToken\": \"t\"}",
            "\u{feff}{\"accessToken\": \"t\"}\r\n",
            "WARNING: {beta} is new {}\n{\n  \"accessToken\": \"t\"\n}\nBye {",
            "\u{1b}[33mWARNING: old\u{1b}[0m\n{\u{1b}[94m\"accessToken\"\u{1b}[39;49;00m: \u{1b}[33m\"t\"\u{1b}[0m}",
        ] {
            let token = token(printed.as_bytes(), "accessToken");
            assert_eq!(token, Some(serde_json::json!({"accessToken": "t"})), "{printed}");
        }
        for printed in ["", "{}", "{\"accessToken\": null}", "{\"accessToken\": \"half"] {
            assert_eq!(token(printed.as_bytes(), "accessToken"), None, "{printed}");
        }
    }
}
