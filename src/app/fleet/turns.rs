//! Who is begun next, and how many are under way together.

use std::pin::Pin;

use tokio::task::JoinSet;

/// What is to be done for a tenant.
pub(super) type Part<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Tenants that take turns.
pub(super) trait Turns {
    /// What each of them ends with.
    type Output: Send + 'static;

    /// Returns what is begun next; `None` where nothing is, now or any more.
    fn next(&mut self) -> Option<Part<Self::Output>>;

    /// Takes what one ended with, before another is begun.
    fn ended(&mut self, output: Self::Output);
}

/// Begins one after the other, and has at most so many under way together; returns once none is. A part must not panic.
pub(super) async fn take_turns(turns: &mut impl Turns, parallel: usize) {
    let mut running = JoinSet::new();
    loop {
        while running.len() < parallel.max(1)
            && let Some(part) = turns.next()
        {
            running.spawn(part);
        }
        match running.join_next().await {
            Some(Ok(output)) => turns.ended(output),
            // Its tenant keeps the row it has; the others go on.
            Some(Err(error)) => tracing::error!("a part of the run was lost: {error}"),
            None => return,
        }
    }
}
