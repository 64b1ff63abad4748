//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod add_ignore;
mod agreement;
mod argv;
mod article;
mod baseline;
mod cases;
mod chance;
mod changed;
mod cli;
mod cli_bad_input;
mod cli_files;
mod cli_settings;
mod corpus;
mod depth;
mod docs;
mod fingerprints;
mod fixes;
mod format;
#[cfg(target_os = "linux")]
mod growth;
mod hold;
mod hooks;
mod house;
mod init;
#[path = "../../benches/inputs.rs"]
mod inputs;
mod jsonl;
mod large_builds;
mod laws;
mod lsp;
mod lsp_client;
mod lsp_corpus;
mod lsp_features;
mod lsp_large;
mod migrate;
mod migrate_cache;
mod migrate_git;
mod migrate_interrupted;
mod migrate_patch;
mod migrate_report;
mod migrate_undo;
mod mutations;
mod oracle;
mod packages;
mod program;
mod report_edits;
mod report_output;
mod reports;
mod repository;
mod rewrites;
mod sets;
mod small_model;
mod usage;
mod verify;
mod verify_command;
