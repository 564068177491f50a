//! Files that nobody of ours wrote: they end in `corrupt/`, counted and with the reason, whatever they are;
//! and nothing outside of the outbox is read, written or removed.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use super::*;

type Maker = fn(&Path, &Path);

/// Bad in every folder that holds records: the reason, a name, and how to make it; the second path is a
/// file outside of the outbox.
const BAD: &[(&str, &str, Maker)] = &[
    ("name", "hello", |path, _| fs::write(path, "").unwrap()),
    ("name", ".hidden", |path, _| fs::write(path, "").unwrap()),
    ("module", "agentslog-5", |path, _| fs::write(path, "").unwrap()),
    ("module", "ESTATE-5", |path, _| fs::write(path, "").unwrap()),
    ("id", "estate-0", |path, _| fs::write(path, "").unwrap()),
    ("id", "estate-007", |path, _| fs::write(path, "").unwrap()),
    ("id", "estate-99999999999999999999", |path, _| fs::write(path, "").unwrap()),
    ("id", "estate-5;rm -rf ~", |path, _| fs::write(path, "").unwrap()),
    ("kind", "estate-5", |path, outside| symlink(outside, path).unwrap()),
    ("kind", "estate-5", |path, _| symlink("/dev/zero", path).unwrap()),
    ("kind", "estate-5", |path, _| symlink("nowhere", path).unwrap()),
    ("kind", "estate-5", |path, _| fs::create_dir(path).unwrap()),
    ("kind", "estate-5", |path, _| {
        fs::create_dir(path).unwrap();
        fs::write(path.join("inside"), "kept").unwrap();
    }),
    ("kind", "estate-5", |path, _| {
        rustix::fs::mknodat(
            rustix::fs::CWD,
            path,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
    }),
    ("linked", "estate-5", |path, outside| fs::hard_link(outside, path).unwrap()),
    ("too_large", "estate-5", |path, _| {
        fs::File::create(path).unwrap().set_len(1 << 40).unwrap();
    }),
];

const FOLDERS: [&str; 5] = ["new", "retry", "sending", "doubt", "failed"];

fn drain(outbox: &Outbox) -> Report {
    outbox.drain(Limits::default(), |record| result(record, Status::Ok))
}

#[test]
fn bad_files_end_in_corrupt_with_their_reason_and_touch_nothing_outside() {
    for folder in ["new", "retry", "sending"] {
        for (reason, name, make) in BAD {
            let (room, elsewhere) = (Room::new(), Room::new());
            let outbox = room.outbox();
            let outside = elsewhere.join("outside");
            fs::write(&outside, "theirs").unwrap();
            let before = fs::metadata(&outside).unwrap();
            make(&room.join(folder).join(name), &outside);
            outbox.put(record(1)).unwrap();
            assert_eq!(outbox.counts().unwrap().corrupt, 1, "{folder}/{name}");

            let report = drain(&outbox);
            assert!(report.trouble.is_none(), "{folder}/{name}: {report:?}");
            assert_eq!((report.corrupt, report.tried), (1, 1), "{folder}/{name}");
            let corrupt = room.names("corrupt");
            assert!(corrupt[0].starts_with(&format!("{reason}.")), "{folder}/{name}: {corrupt:?}");
            assert!(corrupt[0].ends_with(name), "{corrupt:?}");
            assert_eq!(room.names(folder), [""; 0]);
            assert_eq!((outbox.counts().unwrap().corrupt, drain(&outbox).corrupt), (1, 0));

            let after = fs::metadata(&outside).unwrap();
            assert_eq!(before.modified().unwrap(), after.modified().unwrap());
            assert_eq!(before.accessed().unwrap(), after.accessed().unwrap());
            assert_eq!(fs::read_to_string(&outside).unwrap(), "theirs");
        }
    }
}

#[test]
fn binary_names_and_contents_are_corrupt() {
    let room = Room::new();
    let outbox = room.outbox();
    let name = std::ffi::OsStr::from_bytes(b"\xff\xfe\n\x1b[31m");
    fs::write(room.join("new").join(name), "").unwrap();
    fs::write(room.join("new").join("n".repeat(255)), "").unwrap();
    for (id, content) in [(1, &b"\0\0\0"[..]), (2, b"token=abc"), (3, &[0xff; 4096])] {
        fs::write(room.join(format!("new/estate-{id}")), content).unwrap();
    }
    let report = drain(&outbox);
    assert_eq!((report.corrupt, report.tried), (5, 0), "{report:?}");
    let reasons: Vec<String> = room.names("corrupt");
    assert_eq!(reasons.iter().filter(|name| name.starts_with("content.")).count(), 3);
}

/// A file that was ours may have been damaged with its disk: the record keeps its state.
#[test]
fn a_damaged_note_loses_what_it_said_and_not_its_record() {
    for folder in ["doubt", "failed", "sending"] {
        let room = Room::new();
        let outbox = room.outbox();
        fs::write(room.join(folder).join("address-1"), b"\0\0\xff").unwrap();
        let report = drain(&outbox);
        assert_eq!(report.corrupt, 0);
        let counts = outbox.counts().unwrap();
        assert_eq!((counts.doubt + counts.failed, counts.corrupt), (1, 0), "{folder}");
    }
}

#[test]
fn a_folder_of_the_outbox_that_is_a_link_is_refused() {
    for folder in FOLDERS.into_iter().chain(["tmp", "corrupt", "lock"]) {
        let (room, elsewhere) = (Room::new(), Room::new());
        drop(room.outbox());
        fs::remove_dir(room.join(folder)).unwrap();
        symlink(&*elsewhere, room.join(folder)).unwrap();
        let refused = match Outbox::open(room.to_path_buf()) {
            Ok(outbox) => drain(&outbox).trouble.unwrap(),
            Err(refused) => refused,
        };
        let words = format!("in the place of its folder {folder}/, neither a file nor a link");
        assert!(refused.message().contains(&words), "{refused}");
        assert_eq!(elsewhere.names("."), [""; 0]);
    }
}

#[test]
fn strange_files_in_lock_and_tmp_stand_in_nobodys_way() {
    let (room, elsewhere) = (Room::new(), Room::new());
    let outbox = room.outbox();
    fs::write(elsewhere.join("outside"), "theirs").unwrap();
    symlink(elsewhere.join("outside"), room.join("lock/address-1")).unwrap();
    symlink(elsewhere.join("nowhere"), room.join("lock/address-2")).unwrap();
    fs::create_dir(room.join("lock/address-3")).unwrap();
    symlink(&*elsewhere, room.join("tmp/link")).unwrap();
    for id in 1..=4 {
        outbox.put(record(id)).unwrap();
    }
    assert_eq!(drain(&outbox).corrupt, 4);
    drain(&outbox);
    assert_eq!(room.names("new"), [""; 0]);
    assert_eq!(elsewhere.names("."), ["outside"]);
}

#[test]
fn a_flood_of_strange_files_keeps_no_record_waiting() {
    let room = Room::new();
    let outbox = room.outbox();
    for number in 0..1000 {
        fs::write(room.join(format!("new/flood{number}")), "").unwrap();
    }
    outbox.put(record(1)).unwrap();
    let report = drain(&outbox);
    assert_eq!((report.corrupt, report.tried), (1000, 1));
}
