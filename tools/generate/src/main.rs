//! Makes what is generated from the Rust source: the C header, PHP's header and its copy in the PHP package, the
//! list of the ABI, manual pages and completions. `make generate` runs it, and the generator of Python's bindings.
//!
//! With `--check` it writes nothing, and fails when a file is not what it would write.

mod abi;
mod header;
mod manual;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// A generated file, by its path below the root of the repository.
struct Generated {
    path: String,
    text: String,
}

fn main() -> ExitCode {
    match run(env::args().any(|argument| argument == "--check")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(only_check: bool) -> Result<(), String> {
    let c = header::for_c()?;
    let php = header::for_php()?;
    let declarations = root().join("tests/abi/declarations.txt");
    let published = fs::read_to_string(&declarations)
        .map_err(|error| format!("cannot read {}: {error}", declarations.display()))?;
    let abi = abi::declarations(&php, &published)?;
    let mut files: Vec<Generated> = [
        ("include/oo_webhooks.h", c.clone()),
        ("include/oo_webhooks.ffi.h", php.clone()),
        ("bindings/php/include/oo_webhooks.ffi.h", php),
        ("tests/abi/declarations.txt", abi),
    ]
    .map(|(path, text)| Generated { path: path.to_owned(), text })
    .into();
    let pages = manual::files(&c)?;
    manual::remove_pages_of_nothing(&pages, only_check)?;
    files.extend(pages);
    for file in &files {
        put(file, only_check)?;
    }
    Ok(())
}

/// Writes a file, unless it is as it should be.
fn put(file: &Generated, only_check: bool) -> Result<(), String> {
    let path = root().join(&file.path);
    if fs::read_to_string(&path).is_ok_and(|text| text == file.text) {
        return Ok(());
    }
    if only_check {
        return Err(format!("{} is out of date: run make generate", file.path));
    }
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::write(&path, &file.text))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("wrote {}", file.path);
    Ok(())
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_that_is_marked_as_generated_says_so_in_its_first_lines() {
        let attributes = fs::read_to_string(root().join(".gitattributes")).unwrap();
        let marked = attributes.lines().filter_map(|line| line.strip_suffix(" linguist-generated"));
        let files: Vec<&str> = marked.filter(|path| !path.contains('*')).map(str::trim).collect();
        assert!(files.len() >= 5, "{files:?}");
        for file in files {
            let text = fs::read_to_string(root().join(file)).unwrap();
            let head: Vec<&str> = text.lines().take(3).collect();
            assert!(head.concat().contains("Generated from"), "{file}: {head:#?}");
        }
    }
}
