//! Who runs the steps of a stage.

use super::Model;
use crate::syntax::SyntaxKind::USER;

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
        let here = self.stages.get(stage).and_then(|it| it.instructions.get(..at)).unwrap_or_default();
        let above = self.ancestry(stage).skip(1);
        let mut users =
            here.iter().rev().chain(above.flat_map(|it| it.instructions.iter().rev())).filter(|it| it.kind() == USER);
        match users.next().map(|it| it.arguments()) {
            None if self.has_other_user(stage) => User::Other,
            None => User::OfImage,
            Some(name) if is_root(&name) => User::Root,
            Some(_) => User::Other,
        }
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
