//! Who runs the steps of a stage.

use super::Model;
use crate::syntax::ast::Instruction;

/// The user in force at an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    /// The base image's, which is root for nearly all.
    OfImage,
    /// Root, said by the file.
    Root,
    /// Another one, or one that a variable names.
    Other,
}

impl Model {
    /// The user in force at an instruction of a stage, by its index.
    pub fn user_at(&self, stage: usize, at: usize) -> User {
        let found = self.stages.get(stage).and_then(|it| {
            let before = it.users.partition_point(|it| it.0 < at);
            before.checked_sub(1).and_then(|last| it.users.get(last)).map(|it| it.1).or(it.inherited_user)
        });
        match found {
            Some(user) => user,
            None if self.has_other_user(stage) => User::Other,
            None => User::OfImage,
        }
    }
}

impl User {
    /// The one that a USER names.
    pub(super) fn of(instruction: &Instruction) -> User {
        if is_root(&instruction.arguments()) { User::Root } else { User::Other }
    }
}

/// Whether a USER's text is root, whatever its group.
fn is_root(text: &str) -> bool {
    let name = text.trim_matches(['"', '\'']).split(':').next().unwrap_or_default();
    matches!(name, "root" | "0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    #[test]
    fn users_are_inherited() {
        let model = Model::new(&parse("FROM a AS b\nUSER c\nUSER root:root\nFROM b\nRUN x\nUSER $U\nRUN y\nFROM c\n"));
        assert_eq!((model.user_at(1, 1), model.user_at(1, 2)), (User::OfImage, User::Other));
        assert_eq!((model.user_at(2, 1), model.user_at(2, 3)), (User::Root, User::Other));
        assert_eq!(model.user_at(3, 1), User::OfImage);
        assert_eq!(Model::new(&parse("FROM cimg/go:1\nRUN x\n")).user_at(1, 1), User::Other);
    }
}
