//! The manual pages of the C library, made of the comments in its header: one about the whole, and one for each
//! handle with all functions of that handle. `tools/stage` makes the page of each function from the names in the
//! page's first lines.

use std::fmt::Write as _;

use super::PAGES;
use crate::Generated;

/// The page about the whole, with the functions that have no handle.
const WHOLE: &str = "oo_webhooks";

/// A comment of the header, and what it is about.
struct Item {
    /// The lines of the comment, without its frame.
    comment: Vec<String>,
    /// What is declared, with the header's own line breaks.
    code: String,
    kind: Kind,
    name: String,
}

#[derive(PartialEq)]
enum Kind {
    /// An enum, or a struct whose members are public.
    Definition,
    Handle,
    Function,
}

pub(crate) fn pages(header: &str) -> Result<Vec<Generated>, String> {
    let items = items(header)?;
    let handles: Vec<&Item> = items.iter().filter(|item| item.kind == Kind::Handle).collect();
    let functions = |page: &str| -> Vec<&Item> {
        let is_on_page = |item: &&Item| item.kind == Kind::Function && page_of(&item.name, &handles) == page;
        items.iter().filter(is_on_page).collect()
    };

    let others: Vec<&str> = handles.iter().map(|handle| handle.name.as_str()).collect();
    let enums: Vec<&Item> = items.iter().filter(|item| item.kind == Kind::Definition).collect();
    let mut pages = vec![page(WHOLE, &introduction(header)?, &functions(WHOLE), &enums, &others)];
    for handle in &handles {
        let text = description(&handle.comment, "");
        pages.push(page(&handle.name, &text, &functions(&handle.name), &[], &[WHOLE]));
    }
    Ok(pages)
}

/// The handle with the longest name that the function's begins with.
fn page_of<'a>(function: &str, handles: &[&'a Item]) -> &'a str {
    let fits = |name: &&str| function.strip_prefix(*name).is_some_and(|rest| rest.starts_with('_'));
    let names = handles.iter().map(|handle| handle.name.as_str());
    names.filter(fits).max_by_key(|name| name.len()).unwrap_or(WHOLE)
}

fn page(name: &str, text: &str, functions: &[&Item], enums: &[&Item], others: &[&str]) -> Generated {
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    let mut page = format!(
        ".TH {name} 3 \"\" \"oo_webhooks {}\" \"C library oo_webhooks\"\n.SH NAME\n{} \\- {}\n\
         .SH SYNOPSIS\n.nf\n#include <oo_webhooks.h>\n\n",
        env!("CARGO_PKG_VERSION"),
        [&[name], names.as_slice()].concat().join(", "),
        if name == WHOLE {
            "execute the marketplace webhooks of onOffice enterprise records"
        } else {
            "C library of oo_webhooks"
        },
    );
    for function in functions {
        let _ = writeln!(page, "{}", escaped(&function.code));
    }
    let _ = write!(page, ".fi\n.PP\nLink with \\-loo_webhooks.\n.SH DESCRIPTION\n{text}");
    for function in functions {
        let _ = write!(page, ".SS {}\n{}", function.name, description(&function.comment, ""));
    }
    for item in enums {
        let _ = write!(
            page,
            ".SS {} {}\n{}.nf\n{}\n.fi\n",
            if item.code.starts_with("typedef enum") { "enum" } else { "struct" },
            item.name,
            description(&item.comment, ""),
            escaped(&item.code)
        );
    }
    let others: Vec<String> = others.iter().map(|other| format!(".BR {other} (3)")).collect();
    let _ = write!(page, ".SH SEE ALSO\n{}\n", others.join(",\n"));
    Generated { path: format!("{PAGES}/{name}.3"), text: page }
}

/// The header's first comment: prose, an example that stands four columns in, and conventions, each with its
/// name in the first column.
fn introduction(header: &str) -> Result<String, String> {
    let comment = header.split_once("\n/*\n").and_then(|(_, rest)| rest.split_once(" */"));
    let (comment, _) = comment.ok_or("the header has no first comment")?;
    let lines: Vec<String> = comment
        .lines()
        .map(|line| line.trim_start_matches(" *").strip_prefix(' ').unwrap_or_default().to_owned())
        .collect();
    let mut text = String::new();
    let mut is_example = false;
    for line in &lines {
        let is_indented = line.starts_with("    ");
        let convention = line.split_once("  ").filter(|(name, _)| !name.is_empty() && !name.contains(' '));
        let is_code = is_indented && (is_example || text.ends_with(".PP\n"));
        if is_example && !is_code {
            text += ".fi\n";
        }
        if is_code && !is_example {
            text += ".nf\n";
        }
        is_example = is_code;
        match convention {
            _ if is_code => text += &format!("{}\n", escaped(line)),
            Some((name, rest)) => text += &format!(".TP\n.B {name}\n{}\n", escaped(rest.trim_start())),
            None if line.is_empty() => text += ".PP\n",
            None => text += &format!("{}\n", escaped(line.trim_start())),
        }
    }
    Ok(text)
}

/// Paragraphs, of which that of the errors has a heading.
fn description(comment: &[String], heading: &str) -> String {
    let mut text = heading.to_owned();
    for line in comment {
        if line.is_empty() {
            text += ".PP\n";
        } else {
            text += &format!("{}\n", escaped(line));
        }
    }
    text
}

/// Neither a backslash nor a point or apostrophe at the start of a line is a command.
fn escaped(text: &str) -> String {
    let line = |line: &str| {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn items(header: &str) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    let mut lines = header.lines();
    while let Some(line) = lines.next() {
        let Some(start) = line.strip_prefix("/**") else { continue };
        let mut comment = Vec::new();
        match start.strip_suffix("*/") {
            Some(only) => comment.push(only.trim().to_owned()),
            None => {
                for line in lines.by_ref().take_while(|line| line.trim() != "*/") {
                    comment.push(line.trim().trim_start_matches('*').trim().to_owned());
                }
            }
        }
        let mut code = String::new();
        for line in lines.by_ref() {
            code += line;
            let has_body = code.starts_with("typedef") && code.contains('{');
            if line.ends_with(';') && (!has_body || line.starts_with('}')) {
                break;
            }
            code.push('\n');
        }
        let (kind, name) = kind_and_name(&code).ok_or_else(|| format!("what is declared here? {code}"))?;
        items.push(Item { comment, code, kind, name });
    }
    Ok(items)
}

fn kind_and_name(code: &str) -> Option<(Kind, String)> {
    let last_word = |text: &str| {
        let is_part = |character: char| character.is_alphanumeric() || character == '_';
        text.rsplit(|character| !is_part(character)).next().filter(|word| !word.is_empty()).map(str::to_owned)
    };
    let without_end = code.strip_suffix(';')?;
    if code.starts_with("typedef") && code.contains('{') {
        return Some((Kind::Definition, last_word(without_end)?));
    }
    if code.starts_with("typedef struct") {
        return Some((Kind::Handle, last_word(without_end)?));
    }
    let (before, _) = code.split_once('(')?;
    Some((Kind::Function, last_word(before)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "/* Generated. */\n/*\n * Executes.\n *\n *     oo_a *a;\n *\n * Text       In.\n *            Out.\n */\n\
        /** Outcomes. */\ntypedef enum oo_e {\n  /** One. */\n  OO_ONE = 1,\n} oo_e;\n\
        /** Fields. */\ntypedef struct oo_f {\n  /** It. */\n  int a;\n} oo_f;\n\
        /**\n * A handle.\n */\ntypedef struct oo_a oo_a;\n/** Others. */\ntypedef struct oo_a_list oo_a_list;\n\
        /** The version. */\nconst char *oo_version(void);\n\
        /**\n * Makes one.\n *\n * Errors: 'none'.\n */\noo_e oo_a_new(int b,\n              oo_a **out_a);\n\
        /** Frees. */\nvoid oo_a_list_free(oo_a_list *list);\n";

    #[test]
    fn each_handle_has_a_page_with_its_own_functions() {
        let pages = pages(HEADER).unwrap();
        let names: Vec<&str> = pages.iter().map(|page| page.path.as_str()).collect();
        assert_eq!(names, ["docs/man/oo_webhooks.3", "docs/man/oo_a.3", "docs/man/oo_a_list.3"]);
        let [whole, a, list] = pages.as_slice() else { panic!("{names:?}") };
        assert!(whole.text.contains("\noo_webhooks, oo_version \\- execute"), "{}", whole.text);
        assert!(whole.text.contains(".nf\n    oo_a *a;\n.fi\n"), "{}", whole.text);
        assert!(whole.text.contains(".TP\n.B Text\nIn.\nOut.\n"), "{}", whole.text);
        assert!(whole.text.contains("OO_ONE = 1"), "{}", whole.text);
        assert!(
            whole.text.contains(".SS struct oo_f\nFields.\n") && whole.text.contains("int a;"),
            "{}",
            whole.text
        );
        assert!(a.text.contains("\noo_a, oo_a_new \\- "), "{}", a.text);
        assert!(a.text.contains("oo_e oo_a_new(int b,\n              oo_a **out_a);\n"), "{}", a.text);
        assert!(a.text.contains(".SS oo_a_new\nMakes one.\n.PP\nErrors: 'none'.\n"), "{}", a.text);
        assert!(list.text.contains(".SS oo_a_list_free\nFrees.\n"), "{}", list.text);
    }
}
