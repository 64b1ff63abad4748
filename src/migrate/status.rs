//! How far a migration has come.

use serde::Serialize;

use super::{
    apply::last_to_undo,
    index::Plan,
    journal::{Journal, Run},
    store::Store,
};

/// How far a migration has come.
#[derive(Debug, Serialize)]
pub struct Status {
    /// The groups of the plan, in order.
    pub groups: Vec<GroupStatus>,
    /// The run that was interrupted or is under way, if one is.
    pub interrupted: Option<Interrupted>,
}

/// How far a group has come.
#[derive(Debug, Serialize)]
pub struct GroupStatus {
    /// Its name.
    pub name: String,
    /// Files that it changes.
    pub files: usize,
    /// Files that are done.
    pub done: usize,
    /// Files that were passed over, because they changed since the plan was made or could not be written.
    pub passed_over: usize,
    /// How far it is.
    pub state: GroupState,
    /// Its commit, if it has one.
    pub commit: Option<String>,
}

/// How far a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupState {
    /// Nothing was done.
    Planned,
    /// Some of its files are written.
    Interrupted,
    /// All of its files are written.
    Applied,
    /// They are also committed.
    Committed,
    /// It was applied and taken back.
    Undone,
}

/// A run that was interrupted.
#[derive(Debug, Serialize)]
pub struct Interrupted {
    /// Whether it is not interrupted at all, for a program is at work on it.
    pub at_work: bool,
    /// Whether it takes an earlier one back.
    pub undoes: bool,
    /// Groups that it has done.
    pub done: usize,
    /// Groups that it is to do.
    pub groups: usize,
}

impl GroupState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            GroupState::Planned => "planned",
            GroupState::Interrupted => "interrupted",
            GroupState::Applied => "applied",
            GroupState::Committed => "committed",
            GroupState::Undone => "undone",
        }
    }
}

/// Looks at the journal. Runs of other plans tell nothing of the groups of this one.
pub fn status(store: &Store, plan: &Plan) -> anyhow::Result<Status> {
    let runs = Journal::look(store)?;
    // A run that takes another back names the plan of that.
    let of_plan: Vec<&Run> = runs.iter().filter(|it| it.begin.digest == plan.digest).collect();
    let groups = plan.groups.iter().map(|group| {
        let (mut state, mut commit) = (GroupState::Planned, None);
        let (mut files, mut passed_over) = (0, 0);
        for run in &of_plan {
            let was_begun = run.writing.iter().any(|it| it.0 == group.name);
            match run.done(&group.name) {
                Some(_) if run.begin.undoes.is_some() => state = GroupState::Undone,
                // What was passed over is as it was.
                Some(done) if done.files == 0 && done.passed_over > 0 => passed_over = done.passed_over,
                Some(done) => {
                    commit.clone_from(&done.commit);
                    (files, passed_over) = (done.files, done.passed_over);
                    state = if commit.is_some() { GroupState::Committed } else { GroupState::Applied };
                }
                None if was_begun => state = GroupState::Interrupted,
                None => {}
            }
        }
        GroupStatus { name: group.name.clone(), files: group.files, done: files, passed_over, state, commit }
    });
    let interrupted = runs.last().filter(|it| !it.ended).map(|run| Interrupted {
        at_work: Journal::is_in_use(store),
        undoes: run.begin.undoes.is_some(),
        done: run.done.len(),
        groups: run.begin.groups.len(),
    });
    Ok(Status { groups: groups.collect(), interrupted })
}

/// Whether there is a run that `undo` would take back.
pub fn can_undo(store: &Store) -> anyhow::Result<bool> {
    Ok(last_to_undo(&Journal::look(store)?).is_some())
}
