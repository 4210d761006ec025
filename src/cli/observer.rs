//! Shows use case events and asks for confirmation.

use std::cell::{RefCell, RefMut};
use std::io;

use anyhow::Result;

use super::Console;
use super::login;
use super::member_progress::MemberProgress;
use crate::app::{Confirm, Event, Observer};
use crate::client::{Prompt, open_browser};
use crate::outcome::{Question, Refusal};
use crate::render::{github, login_setup, plan, question, steps, text};

/// The console as use cases see it.
pub(super) struct Front<'a> {
    console: RefCell<&'a mut Console>,
    members: RefCell<MemberProgress>,
    /// Whether the person said yes beforehand, so that no one is asked.
    pub(super) is_confirmed: bool,
    /// Whether the browser is opened where someone has to sign in with it.
    pub(super) opens_browser: bool,
}

impl<'a> Front<'a> {
    pub(super) fn new(console: &'a mut Console) -> Self {
        Self {
            console: RefCell::new(console),
            members: RefCell::new(MemberProgress::new()),
            is_confirmed: false,
            opens_browser: false,
        }
    }

    pub(super) fn console(&self) -> RefMut<'_, &'a mut Console> {
        self.console.borrow_mut()
    }
}

impl Observer for Front<'_> {
    fn on(&self, event: Event<'_>) -> Result<()> {
        let mut console = self.console();
        let shown = match event {
            Event::Began(what) => {
                console.story.begin(what);
                Ok(())
            }
            Event::Progress(progress) => {
                self.members.borrow_mut().show(progress, &mut console);
                Ok(())
            }
            Event::Planned { plan, is_asked } => {
                console.set_page(|| plan::document(plan));
                let document = console.completed(plan::document(plan));
                let shown = text::blocks(&document.blocks, console.layout_for_person()) + "\n";
                let shown = if plan.is_refused() || is_asked {
                    console.print_for_person(&shown)
                } else {
                    console.say(&shown)
                };
                shown.and_then(|()| console.annotate(plan.file(), |file| github::findings(plan, file)))
            }
            Event::Writing => console.begin_result(),
            Event::Sent(operation) => {
                console.story.begin(&steps::under_way(operation));
                Ok(())
            }
            Event::Landed { plan, operation, elapsed } => {
                console.has_written = true;
                let line = steps::landed(plan, operation, elapsed, console.layout());
                console.say(&line)
            }
            Event::Written => {
                console.has_written = true;
                Ok(())
            }
            Event::Notice(notice) => {
                console.story.eprint(&format!("{notice}\n"));
                Ok(())
            }
            Event::Setup(report) => {
                let shown = login_setup::planned(report) + "\n";
                if self.is_confirmed { console.say(&shown) } else { console.print_for_person(&shown) }
            }
            Event::SignIn(prompt) => {
                console.story.end_progress();
                console.story.eprint_always(&login::prompt_text(prompt));
                if let (Prompt::Browser { url, .. }, true) = (prompt, self.opens_browser) {
                    open_browser(url);
                }
                Ok(())
            }
            Event::Members { .. }
            | Event::Row(_)
            | Event::Compared(_)
            | Event::Checked(_)
            | Event::Seen(_) => Ok(()),
        };
        shown.map_err(anyhow::Error::from)
    }
}

impl Confirm for Front<'_> {
    fn is_asking(&self) -> bool {
        !self.is_confirmed
    }

    async fn confirm(&self, question: Question<'_>) -> Result<(), Refusal> {
        if self.is_confirmed {
            return Ok(());
        }
        let stop = {
            let mut console = self.console();
            if !console.story.is_interactive() {
                return Err(Refusal::NoTerminal);
            }
            console.story.end_progress();
            let text = question::text(&question, console.layout_of_stderr());
            console.story.eprint_always(&text);
            console.stop.clone()
        };
        let answered = tokio::task::spawn_blocking(|| {
            let mut answer = String::new();
            io::stdin().read_line(&mut answer).map(|_| answer)
        });
        let answer = tokio::select! {
            answer = answered => answer,
            reason = stop.asked() => {
                self.console().story.eprint_always("\n");
                return Err(Refusal::Stopped { reason });
            }
        };
        if matches!(answer, Ok(Ok(ref answer)) if !answer.ends_with('\n')) {
            // Ctrl-D leaves the cursor behind the question.
            self.console().story.eprint_always("\n");
        }
        match answer {
            Ok(Ok(answer)) if question.takes(&answer) => Ok(()),
            _ => Err(Refusal::NotConfirmed),
        }
    }
}
