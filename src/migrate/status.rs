//! How far a migration has come.

use serde::Serialize;

use super::{
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
    /// Files that are done, and not taken back.
    pub done: usize,
    /// Files that were passed over, because they changed since the plan was made or could not be written; for a group
    /// that is undone in part, by what was to take it back.
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
    /// It was applied and taken back, but for some files.
    PartlyUndone,
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
            GroupState::PartlyUndone => "partly undone",
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
        let mut was_undone = false;
        for (nth, run) in of_plan.iter().enumerate() {
            let was_begun = run.writing.iter().any(|it| it.0 == group.name);
            let (done, undone) = (run.done(&group.name), run.undone(&group.name, &runs));
            if run.begin.undoes.is_some() {
                if done.is_none() && was_begun {
                    state = GroupState::Interrupted;
                }
                continue;
            }
            // Where all was done already, what is taken back afterwards is that of an earlier run.
            let later = of_plan.iter().skip(nth + 1);
            let mut taken_back = later.filter(|it| it.begin.undoes.is_some() && it.done(&group.name).is_some());
            match (done, undone) {
                (_, Some(undone)) if undone.left.is_empty() => was_undone = true,
                (_, Some(undone)) => {
                    commit = done.and_then(|it| it.commit.clone());
                    (files, passed_over) = (undone.left.len(), undone.left.len());
                    state = GroupState::PartlyUndone;
                }
                // What was passed over is as it was.
                (Some(done), None) if done.files == 0 && done.passed_over > 0 => passed_over = done.passed_over,
                (Some(_), None) if !was_begun && taken_back.next().is_some() => {}
                (Some(done), None) => {
                    commit.clone_from(&done.commit);
                    (files, passed_over) = (done.files, done.passed_over);
                    state = if commit.is_some() { GroupState::Committed } else { GroupState::Applied };
                }
                (None, None) if was_begun => state = GroupState::Interrupted,
                (None, None) => {}
            }
        }
        if was_undone && state == GroupState::Planned {
            state = GroupState::Undone;
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
