//! The list of the ABI: every declaration of the header, of which none ever goes away. A program that
//! was compiled against an older header goes on working.

use std::collections::BTreeSet;

const HEAD: [&str; 2] = [
    "# Every declaration of ABI version 1, one a line. Generated from include/oo_webhooks.ffi.h by make",
    "# generate, which adds lines and refuses to change or remove one.",
];

/// The list for this header, which has all that was published.
pub(crate) fn declarations(header: &str, published: &str) -> Result<String, String> {
    let current = in_header(header)?;
    let published = published.lines().filter(|line| !line.starts_with('#'));
    let gone: Vec<&str> = published.filter(|line| !current.contains(*line)).collect();
    if !gone.is_empty() {
        return Err(format!("published in tests/abi, and now gone or changed: {gone:#?}"));
    }
    let lines: Vec<&str> = HEAD.into_iter().chain(current.iter().map(String::as_str)).collect();
    Ok(lines.join("\n") + "\n")
}

/// The declarations without comments: functions, types, each number of an enum, and each member of a struct
/// with its place.
fn in_header(header: &str) -> Result<BTreeSet<String>, String> {
    let is_code = |line: &&str| !line.starts_with('#') && !line.starts_with("/*");
    let code: String = header.lines().filter(is_code).flat_map(|line| [line, " "]).collect();
    let mut declarations = BTreeSet::new();
    for declaration in split(&code) {
        let declaration = declaration.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((name, rest)) =
            declaration.strip_prefix("typedef struct ").and_then(|rest| rest.split_once(" { "))
        {
            let (members, _) = rest.split_once('}').ok_or_else(|| format!("struct {name} has no end"))?;
            let members = members.split(';').map(str::trim).filter(|member| !member.is_empty());
            let placed =
                members.enumerate().map(|(place, member)| format!("struct {name}, {place}: {member}"));
            declarations.extend(placed);
            continue;
        }
        match declaration.strip_prefix("typedef enum ").and_then(|rest| rest.split_once(" { ")) {
            Some((name, rest)) => {
                let (members, _) = rest.split_once('}').ok_or_else(|| format!("enum {name} has no end"))?;
                let members = members.split(',').map(str::trim).filter(|member| !member.is_empty());
                declarations.extend(members.map(|member| format!("enum {name}: {member}")));
            }
            None if declaration.is_empty() => {}
            None => {
                declarations.insert(declaration);
            }
        }
    }
    Ok(declarations)
}

/// The declarations, each to its semicolon; those within braces end nothing.
fn split(code: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let is_end = |character| {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ';' && depth == 0
    };
    code.split(is_end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "#define X 1\n/* Generated. */\ntypedef enum a {\n  A_ONE = 1,\n} a;\nint f(void);\n";

    #[test]
    fn a_members_place_in_its_struct_is_part_of_the_list() {
        let list = declarations("typedef struct s {\n  int32_t a;\n  int64_t b;\n} s;\n", "").unwrap();
        assert!(list.ends_with("struct s, 0: int32_t a\nstruct s, 1: int64_t b\n"), "{list}");
        let longer = "typedef struct s {\n  int32_t a;\n  int64_t b;\n  int64_t c;\n} s;\n";
        assert!(declarations(longer, &list).is_ok());
        let swapped = "typedef struct s {\n  int64_t b;\n  int32_t a;\n} s;\n";
        assert!(declarations(swapped, &list).is_err());
    }

    #[test]
    fn the_list_has_functions_and_numbers_and_only_grows() {
        let list = declarations(HEADER, "").unwrap();
        assert!(list.ends_with("enum a: A_ONE = 1\nint f(void)\n"), "{list}");
        assert_eq!(declarations(HEADER, &list).unwrap(), list);
        let gone = declarations(HEADER, "int g(void)\n").unwrap_err();
        assert!(gone.contains("int g(void)"), "{gone}");
    }
}
