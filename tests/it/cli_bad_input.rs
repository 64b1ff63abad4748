//! Bad input: a clear word, the right exit code, nothing lost, no panic, no hang.

use std::fs;

use crate::program::{Folder, Said};

/// Lays out a file of these bytes, and holds that it stays as it is where `same`. Gives what was said.
fn format(bytes: impl AsRef<[u8]>, same: bool) -> Said {
    let folder = Folder::new(&[]);
    folder.write("Dockerfile", bytes.as_ref());
    let said = folder.run(&["format", "Dockerfile"]);
    assert!(!said.err.contains("fault of dockfix"), "{}", said.err);
    assert_eq!(said.out, "");
    let after = fs::read(folder.join("Dockerfile")).unwrap();
    assert_eq!(after == bytes.as_ref(), same, "{}", String::from_utf8_lossy(&after));
    assert_eq!(folder.names(), ["Dockerfile"]);
    // A second run changes nothing.
    folder.run(&["format", "Dockerfile"]);
    assert_eq!(fs::read(folder.join("Dockerfile")).unwrap(), after);
    said
}

#[track_caller]
fn says(said: &Said, code: i32, words: &str) {
    assert_eq!(said.code, code, "{said:?}");
    assert!(said.err.contains(words), "{said:?}");
}

#[test]
fn an_empty_file() {
    for text in ["", "\n\n", "# only a comment\n"] {
        // There is nothing to lay out, as in a file that somebody saves before the first word.
        says(&format(text, true), 0, "0 files laid out, 1 unchanged\n");
        let folder = Folder::new(&[("Dockerfile", text)]);
        let said = folder.pipe(&["format", "-"], text);
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, text, ""));
        says(&folder.run(&["format", "--check"]), 0, "0 files would be laid out, 1 unchanged\n");
        // But BuildKit refuses it.
        for command in ["check", "ci", "fix"] {
            says(&folder.run(&[command]), 2, "Dockerfile:1:1: error: no instruction in the file\n  help: ");
        }
        says(&folder.run(&["fix"]), 2, "\n0 files changed, 0 unchanged, 1 with errors\n");
        says(&folder.run(&["check"]), 2, "\nno findings in 1 file, 1 with errors\n");
    }
}

#[test]
fn no_from() {
    says(&format("RUN a\n", true), 2, "Dockerfile:1:1: error: RUN before the first FROM\n  help: ");
    // One word for the file is enough, and the layout of each instruction is known all the same.
    let said = format("RUN  a\nCOPY a  b\n", false);
    assert_eq!(said.err.matches("error:").count(), 1, "{}", said.err);
}

#[test]
fn an_unknown_instruction() {
    let said = format("FROM a\nRNU  x   y\nCMD [ \"a\"]\n", false);
    says(
        &said,
        2,
        "Dockerfile:2:1: error: unknown instruction `RNU` (did you mean RUN?); the instruction was left as it was\n",
    );
    says(&format("FORM a\n", true), 2, "(did you mean FROM?); the file was left as it was");
}

#[test]
fn a_file_that_is_something_else() {
    let said = format("# Title\n\n\nSome words\n\n\nRUN is one of them  .\nand others\n", true);
    assert!(!said.err.contains("passed over"), "an error is told, and one word is enough: {}", said.err);
    says(&said, 2, "\n0 files laid out, 0 unchanged, 1 with errors\n");
    // One that nobody named, and that may be anything by its name, is nobody's mistake.
    let script = "#!/bin/sh\nset -e\necho a\n";
    let folder = Folder::new(&[("Dockerfile", "FROM a\n"), ("Dockerfile.sh", script), ("Dockerfile.notes", "To do\n")]);
    let passed = "Dockerfile.notes: passed over: most of its instructions are none of a Dockerfile\n\
                  Dockerfile.sh: passed over: most of its instructions are none of a Dockerfile\n";
    for (command, words) in [
        ("format", "0 files laid out, 1 unchanged, 2 passed over\n"),
        ("fix", "0 files changed, 1 unchanged, 2 passed over\n"),
        ("check", "no findings in 3 files, 2 passed over\n"),
        ("ci", "0 files would be laid out, 1 unchanged, 2 passed over\n"),
    ] {
        let said = folder.run(&[command]);
        assert_eq!((said.code, said.out.as_str(), said.err), (0, "", format!("{passed}{words}")), "{command}");
        assert_eq!(folder.run(&[command, "-q"]).err, "");
    }
    let said = folder.run(&["check", "--output-format=concise", "Dockerfile.sh", "."]);
    assert!(said.code == 2 && said.err.contains("Dockerfile.sh:2:1: "), "{said:?}");
    assert!(!said.err.contains("Dockerfile.notes:1:1"), "{said:?}");
    for name in ["Dockerfile", "Containerfile", "app.Dockerfile"] {
        let said = Folder::new(&[(name, "FORM a\n")]).run(&["check"]);
        says(&said, 2, ":1:1: error: unknown instruction `FORM` (did you mean FROM?)\n");
    }
    says(&folder.pipe(&["format", "-", "--stdin-filename=Dockerfile.sh"], script), 2, "error: unknown instruction");
}

#[test]
fn many_errors_are_not_all_told() {
    let text = format!("FROM a\n{}{}", "X y\n".repeat(100), "RUN a\n".repeat(100));
    let said = format(&text, true);
    says(&said, 2, "Dockerfile: 80 more errors; `--verbose` tells them all\n");
    assert_eq!(said.err.matches("error: unknown").count(), 20);
}

#[test]
fn an_unterminated_heredoc() {
    let said = format("FROM a\nRUN <<EOF\necho  x\n", true);
    says(
        &said,
        2,
        "Dockerfile:2:1: error: heredoc without its end: no line `EOF` follows; the file was left as it was\n",
    );
}

#[test]
fn an_unterminated_quote() {
    // BuildKit does not look into shell text; the shell would complain when it runs.
    let text = "FROM a\nRUN echo  'x\nRUN  b\n";
    let said = format(text, false);
    says(&said, 0, "1 file laid out");
    assert!(!said.err.contains("error"));
    let said = Folder::new(&[("Dockerfile", text)]).run(&["format", "--check", "--verbose", "Dockerfile"]);
    says(&said, 1, "Dockerfile:2:11: note: shell text that cannot be read: a single quote that is not closed");
}

#[test]
fn a_line_of_65_536_bytes() {
    let line = |len: usize| format!("FROM a\nRUN  {}\n", "x".repeat(len - 5));
    says(&format(line(65_536), true), 2, "Dockerfile:2:1: error: line longer than 65,535 bytes");
    says(&format(line(65_535), false), 0, "1 file laid out");
    // Bytes count, not characters.
    let latin = |len: usize| [&b"FROM a\nRUN  "[..], &vec![0xe9; len - 5], b"\n"].concat();
    says(&format(latin(65_536), true), 2, "line longer than 65,535 bytes");
    says(&format(latin(65_535), false), 0, "1 file laid out");
}

#[test]
fn a_file_that_is_large() {
    // As large as a build without optimisation takes in a moment.
    let text = format!("FROM a\n{}", "run  apt-get update &&  apt-get install -y curl\n".repeat(3_000));
    says(&format(text, false), 0, "1 file laid out");
}

#[test]
fn bytes_of_all_kinds() {
    says(&format(b"FROM a\nRUN  a\0b\n", false), 0, "1 file laid out");
    says(&format(b"FROM a\n# caf\xe9\nRUN  a \xe9\xff\n", false), 0, "1 file laid out");
    says(&format(b"\xef\xbb\xbffrom a\n", false), 0, "1 file laid out");
    let utf16: Vec<u8> = "\u{feff}FROM a\nRUN b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let why = "Dockerfile: error: it is UTF-16, which BuildKit refuses; save it as UTF-8\n";
    says(&format(utf16, true), 2, why);
    let utf16: Vec<u8> = "\u{feff}FROM a\nRUN b\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let said = Folder::new(&[]).pipe(&["format", "-"], &utf16);
    assert_eq!(said.bytes, utf16);
    says(&said, 2, "<stdin>: error: it is UTF-16");
    says(&format(utf16, true), 2, why);
    // To BuildKit, a carriage return alone ends no line: this is a FROM with too many words.
    says(&format("FROM a\rRUN  b\rCMD c\r", true), 2, "Dockerfile:1:1: error: FROM takes an image");
    says(&format([0; 1000], true), 2, "error: unknown instruction");
}

#[test]
fn what_is_no_file() {
    let folder = Folder::new(&[("good/Dockerfile", "from a\n")]);
    says(&folder.run(&["format", "missing"]), 2, "missing: error: no such file or folder\n");
    fs::create_dir(folder.join("Dockerfile")).unwrap();
    says(&folder.run(&["format", "Dockerfile"]), 0, "warning: no Dockerfile found in `Dockerfile`\n");
    // The others are done all the same.
    let said = folder.run(&["format", "missing", "."]);
    says(&said, 2, "1 file laid out, 0 unchanged, 1 not usable\n");
    assert_eq!(folder.read("good/Dockerfile"), "FROM a\n");
}

#[cfg(unix)]
mod unix {
    use std::{
        fs::{self, File, Permissions},
        os::unix::{
            fs::{PermissionsExt, symlink},
            process::CommandExt,
        },
        path::Path,
        process::{Command, Stdio},
    };

    use super::says;
    use crate::{
        program::{Folder, Said, other, said, try_said},
        repository::repository,
    };

    #[test]
    fn links_that_lead_nowhere_and_pipes() {
        let folder = Folder::new(&[("a/Dockerfile", "FROM a\n")]);
        symlink("nowhere", folder.join("Dockerfile")).unwrap();
        symlink("Dockerfile.loop", folder.join("Dockerfile.loop")).unwrap();
        says(&folder.run(&["format", "Dockerfile"]), 2, "Dockerfile: error: no such file or folder\n");
        says(&folder.run(&["format", "Dockerfile.loop"]), 2, "Dockerfile.loop: error: ");
        if other(&folder, "mkfifo", &["Dockerfile.pipe"], b"").is_none() {
            return;
        }
        says(&folder.run(&["format", "Dockerfile.pipe"]), 2, "Dockerfile.pipe: error: not a regular file\n");
        // In a folder they are nobody's Dockerfiles.
        says(&folder.run(&["format", "."]), 0, "0 files laid out, 1 unchanged\n");
    }

    #[test]
    fn pipes_that_nobody_writes_to() {
        let folder = Folder::new(&[("a/Dockerfile", "FROM a\n"), ("b/Dockerfile", "FROM a\n")]);
        if other(&folder, "mkfifo", &["a/dockfix.toml", "b/.hadolint.yaml", "c"], b"").is_none() {
            return;
        }
        says(&folder.run(&["check", "a"]), 2, "error: a/dockfix.toml: can't be read: not a regular file\n");
        says(&folder.run(&["check", "b"]), 2, "error: b/.hadolint.yaml: can't be read: not a regular file\n");
        let Some(folder) = repository(&[("Dockerfile", b"FROM a\n")]) else { return };
        other(&folder, "mkfifo", &["CODEOWNERS"], b"").unwrap();
        says(&folder.run(&["migrate", "plan"]), 2, "CODEOWNERS: not a regular file\n");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_fails_while_it_is_read() {
        let said = Folder::new(&[]).run(&["format", "/proc/self/mem"]);
        says(&said, 2, "/proc/self/mem: error: ");
        assert!(!said.err.contains("os error"), "{}", said.err);
    }

    /// The command as a user who is not allowed everything; `None` where that can't be.
    fn as_nobody(folder: &Folder, args: &[&str]) -> Option<Said> {
        // A copy, because the way to the program may be closed to others.
        let program = folder.join("program");
        fs::copy(env!("CARGO_BIN_EXE_dockfix"), &program).unwrap();
        let mut command = Command::new(&program);
        command.args(args).current_dir(folder.path()).stdin(Stdio::null());
        if fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0) {
            command.uid(65534).gid(65534);
        }
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let said = try_said(command);
        fs::remove_file(program).unwrap();
        said
    }

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_may_not_be_read_or_written() {
        let folder = Folder::new(&[
            ("closed/Dockerfile", "from a\n"),
            ("folder/Dockerfile", "from a\n"),
            ("secret/Dockerfile", "from a\n"),
        ]);
        mode(&folder.join("closed"), 0o000);
        mode(&folder.join("folder"), 0o555);
        mode(&folder.join("folder/Dockerfile"), 0o666);
        mode(&folder.join("secret/Dockerfile"), 0o000);
        let said = as_nobody(&folder, &["format", "."]);
        mode(&folder.join("closed"), 0o755);
        mode(&folder.join("folder"), 0o755);
        mode(&folder.join("secret/Dockerfile"), 0o644);
        let Some(said) = said else { return };
        says(&said, 2, "closed: error: permission denied\n");
        says(&said, 2, "secret/Dockerfile: error: permission denied\n");
        let words = "folder/Dockerfile: error: cannot be written: permission denied; the file was left as it was\n";
        says(&said, 2, words);
        assert_eq!(folder.read("folder/Dockerfile"), "from a\n");
        assert_eq!(fs::read_dir(folder.join("folder")).unwrap().count(), 1);
    }

    #[test]
    fn a_read_only_file_stays() {
        let folder = Folder::new(&[("Dockerfile", "from a\n")]);
        mode(&folder.join("Dockerfile"), 0o444);
        let said = folder.run(&["format", "Dockerfile"]);
        says(&said, 2, "Dockerfile: error: cannot be written: it is read-only; the file was left as it was\n");
        says(&said, 2, "\n0 files laid out, 0 unchanged, 1 not usable\n");
        assert_eq!(folder.read("Dockerfile"), "from a\n");
        assert_eq!(folder.run(&["format", "--check", "Dockerfile"]).code, 1);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk() {
        let folder = Folder::new(&[("Dockerfile", "from a\nenv b c\n")]);
        for args in [&["format", "--diff"][..], &["check", "--select=all"], &["debug", "tree", "Dockerfile"], &["rule"]]
        {
            let mut command = folder.command(args);
            command.stdout(File::options().write(true).open("/dev/full").unwrap());
            says(&said(command), 2, "error: cannot write to standard output: No space left on device\n");
        }
        assert_eq!(folder.read("Dockerfile"), "from a\nenv b c\n");
        // A file system of a page or two, where this user may mount one.
        let disk = folder.join("disk");
        fs::create_dir(&disk).unwrap();
        let mounted = other(&folder, "mount", &["-t", "tmpfs", "-o", "size=16k", "none", "disk"], b"");
        if mounted.is_none_or(|it| it.code != 0) {
            eprintln!("no file system can be mounted here: a full disk is not tried");
            return;
        }
        let text = format!("from a\n{}", "run x\n".repeat(1500));
        fs::write(disk.join("Dockerfile"), &text).unwrap();
        let said = folder.run(&["format", "disk"]);
        let after = fs::read_to_string(disk.join("Dockerfile"));
        let left = fs::read_dir(&disk).unwrap().count();
        other(&folder, "umount", &["disk"], b"");
        says(
            &said,
            2,
            "disk/Dockerfile: error: cannot be written: No space left on device; the file was left as it was\n",
        );
        assert_eq!((after.unwrap(), left), (text, 1));
    }

    #[test]
    fn closed_streams() {
        let many: String = (0..5_000).map(|it| format!("env a{it} b\n")).collect();
        let folder = Folder::new(&[("Dockerfile", &format!("FROM a\n{many}"))]);
        let program = env!("CARGO_BIN_EXE_dockfix");
        let shell = |line: &str| {
            let line = line.replace("dockfix", &format!("'{program}'"));
            other(&folder, "sh", &["-c", &line], b"").unwrap()
        };
        // Nobody listens any more, and so nothing more is said: not that all is well either.
        for command in ["check", "format --diff", "fix --diff", "debug tree Dockerfile", "rule --all"] {
            let said = shell(&format!("{{ dockfix {command}; echo $? >&3; }} 3>&2 2>err | head -c 10 >/dev/null"));
            assert_eq!((said.err.as_str(), folder.read("err").contains("error")), ("141\n", false), "{command}");
        }
        // Closed from the start.
        assert_eq!(shell("dockfix check >&-").code, 1);
        let said = shell("dockfix format - <&-");
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
        // Nobody hears the words, but the work is done.
        assert_eq!(shell("dockfix fix 2>&-").code, 0);
        assert!(folder.read("Dockerfile").starts_with("FROM a\nENV a0=b\n"));
    }

    #[test]
    fn nesting_without_end() {
        let folder = Folder::new(&[]);
        for (n, open) in ["(", "$(", "${x:-", "$((", "`", "[", "{ ", "\"", "'", "if "].iter().enumerate() {
            let (run, cmd) = (open.repeat(2_000), open.repeat(2_000));
            folder.write(&format!("Dockerfile.{n}"), format!("FROM a\nRUN  echo {run}\nCMD {cmd}\nWORKDIR  /\n"));
        }
        let said = folder.run(&["format"]);
        says(&said, 0, "10 files laid out, 0 unchanged\n");
        assert!(folder.read("Dockerfile.0").ends_with("\nWORKDIR /\n"));
    }
}
