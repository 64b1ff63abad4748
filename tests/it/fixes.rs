//! What `fix` does to the cases on which other tools that fix are known to go wrong: `tests/cases/fix/**`.

use dockfix::fix::{self, Job, Safety};
use dockfix::{format, syntax, verify};

use crate::cases;

#[test]
fn each_file_is_fixed_as_its_snapshot_says() {
    let paths = cases::below("fix");
    assert!(paths.len() >= 25, "only {} files", paths.len());
    let default = crate::sets::default();
    let layout = Some(format::Options::default());
    let job = Job { rules: default, fix: Some(Safety::Safe), format: layout, ..Job::default() };
    for path in paths {
        let (name, text) = (path.display(), cases::read(&path));
        let once = fix::run(&text, &job);
        assert_eq!(once.faults, [], "{name}: a fault");
        let (before, after) = (syntax::parse(&text), syntax::parse(&once.text));
        assert!(after.errors().len() <= before.errors().len(), "{name}: new errors: {:?}", after.errors());
        let (mut old, mut new) = (verify::comments(&before), verify::comments(&after));
        old.sort();
        new.sort();
        assert_eq!(old, new, "{name}: other comments");
        assert_eq!(fix::run(&once.text, &job).text, once.text, "{name}: not settled");
        cases::snapshot(&path, &text, &once);
    }
}
