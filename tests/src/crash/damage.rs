//! Damage: the folder of a killed server, or one that was copied while the server wrote, truncated or with bits flipped
//! at random places. Whatever opens it ends well, serves nothing that is not whole, and what is lost is refused or named.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use kindstore::Revision;
use kindstore::backend::Backend;
use serde_json::Value;

use super::content;
use super::embedded::example;
use super::judge::{Found, Life, copy_folder, lives};
use super::server::load;
use super::writer::Ack;
use crate::chance::Chance;
use crate::process::{binary, serve};
use crate::soak::rounds;
use crate::target::furnish;

/// How many copies are taken while the server writes.
const COPIES: usize = 4;

/// How many rounds one server's folder is used for.
const ROUNDS: usize = 50;

#[test]
fn damage_is_refused_or_named_and_never_served() {
    let mut chance = Chance::new();
    let mut ends = BTreeMap::<(bool, &str), usize>::new();
    let mut scene = Scene::new(&mut chance);
    for round in 0..rounds(20, 1_000) {
        if round > 0 && round % ROUNDS == 0 {
            scene = Scene::new(&mut chance);
        }
        let damaged = tempfile::tempdir().unwrap();
        // The last image is that after the kill, and comes more often; the others were never whole.
        let image = COPIES.min(chance.below(2 * COPIES as u64) as usize);
        let is_torn = image < COPIES;
        let image = &scene.images[image];
        copy_folder(&image.folder, damaged.path());
        let mut damage = Vec::new();
        for _ in 0..if is_torn { chance.below(2) } else { 1 + chance.below(3) } {
            damage.push(spoil(&damaged.path().join("sled"), &mut chance));
        }
        let end = scene.judge(damaged.path(), image.acknowledged);
        let end = end.unwrap_or_else(|why| panic!("round {round}, {image:?}, {damage:?}: {why}"));
        *ends.entry((is_torn, end)).or_default() += 1;
    }
    print(&ends);
}

/// How often a folder ended how, those that were copied while they were written apart.
#[expect(clippy::print_stderr, reason = "what the proof saw")]
fn print(ends: &BTreeMap<(bool, &str), usize>) {
    ends.iter().for_each(|((is_torn, end), count)| eprintln!("copied while written: {is_torn}, {end}: {count}"));
}

/// A copy of a folder.
#[derive(Debug)]
struct Image {
    folder: PathBuf,
    /// The newest commit that was acknowledged before the copy was begun.
    acknowledged: Revision,
}

/// Folders of one server, and what really happened there.
struct Scene {
    _folder: tempfile::TempDir,
    images: Vec<Image>,
    lives: BTreeMap<String, Life>,
    /// What was acknowledged, by id and version.
    tokens: HashMap<(String, u64), String>,
    names: HashMap<String, String>,
    revision: u64,
}

impl Scene {
    /// Lets a server be written to, copies its folder meanwhile and after it is killed.
    fn new(chance: &mut Chance) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut running = serve(&data);
        let (address, acks) = (running.address, Mutex::<Vec<Ack>>::default());
        furnish(address);
        let mut folders = Vec::new();
        thread::scope(|scope| {
            for writer in 0..4 {
                let (acks, mut chance) = (&acks, chance.fork());
                scope.spawn(move || load(writer, 0, address, &mut chance, acks));
            }
            for copy in 0..=COPIES {
                let enough = (copy + 1) * 100;
                while acks.lock().unwrap().len() < enough {
                    assert!(running.child.try_wait().unwrap().is_none(), "the server goes on until it is killed");
                    thread::yield_now();
                }
                if copy == COPIES {
                    running.child.kill().unwrap();
                    running.child.wait().unwrap();
                }
                let image = folder.path().join(format!("image-{copy}"));
                let count = acks.lock().unwrap().len();
                copy_folder(&data.join("store"), &image);
                folders.push((image, count));
            }
        });
        let whole = Found::open(&folders[COPIES].0);
        let (acks, lives) = (acks.into_inner().unwrap(), lives(&*whole.backend));
        let image = |(folder, count)| {
            let acknowledged = acks[..count].iter().map(|ack| committed(ack, &lives)).max().unwrap();
            Image { folder, acknowledged }
        };
        let token = |ack: &Ack| Some(((ack.id.clone(), ack.version), ack.token.clone()?));
        Self {
            images: folders.into_iter().map(image).collect(),
            tokens: acks.iter().filter_map(token).collect(),
            names: acks.iter().map(|ack| (ack.id.clone(), ack.name.clone())).collect(),
            revision: whole.backend.revision(),
            lives,
            _folder: folder,
        }
    }

    /// How a damaged folder ends, in a word; an error when it must not end so.
    fn judge(&self, folder: &Path, acknowledged: Revision) -> Result<&'static str, String> {
        let checked = tempfile::tempdir().unwrap();
        copy_folder(folder, checked.path());
        let check = check(checked.path())?;
        let keys = self.lives.keys().flat_map(|id| [Some(id), self.names.get(id)]).flatten();
        let survey = survey(folder, keys)?;
        if let Some(why) = survey["refused"].as_str() {
            return if check == 1 {
                Ok("refused")
            } else {
                Err(format!("check ended with {check}, opening with {why}"))
            };
        }
        let revision = survey["revision"].as_u64().unwrap();
        if revision < acknowledged {
            return Err(format!("revision {revision} is shown, and {acknowledged} was acknowledged"));
        }
        let is_sound = survey["sound"] == true;
        let mut lost = Vec::new();
        for pair in survey["found"].as_array().unwrap() {
            let (key, found) = (pair[0].as_str().unwrap(), &pair[1]);
            if !self.is_as_at(revision, key, found)? {
                lost.push(key);
            }
        }
        let flaws = survey["flaws"].as_array().unwrap();
        let named: HashSet<&str> = flaws.iter().filter_map(|flaw| flaw[0].as_str()).collect();
        let is_named = |key: &&&str| {
            let others = self.names.iter().filter(|(id, name)| id.as_str() == **key || name.as_str() == **key);
            named.contains(**key)
                || others.flat_map(|(id, name)| [id, name]).any(|other| named.contains(other.as_str()))
        };
        let unnamed: Vec<_> = lost.iter().filter(|key| !is_named(key)).collect();
        match (lost.is_empty(), unnamed.is_empty(), is_sound, check) {
            (false, false, ..) => Err(format!(
                "at revision {revision} of {} {unnamed:?} are lost and not named: {flaws:?}",
                self.revision
            )),
            (true, _, true, 0) if revision == self.revision => Ok("whole"),
            (true, _, true, 0) => Ok("shorter"),
            (_, _, false, 1) => Ok("named"),
            _ => Err(format!("the survey says sound: {is_sound}, the command ended with {check}: {flaws:?}")),
        }
    }

    /// Whether a key is served as it was at a revision. What is served at all must be one of the documents that were sent.
    fn is_as_at(&self, revision: u64, key: &str, found: &Value) -> Result<bool, String> {
        let served = found.get("served");
        if let Some(served) = served {
            let token = content::token_of(served)?;
            let (id, version) = place(served);
            if self.tokens.get(&(id.clone(), version)).is_some_and(|sent| *sent != token) {
                return Err(format!("{id} is served with {token} at version {version}"));
            }
        }
        if key.parse::<kindstore::ResourceId>().is_err() {
            // A name may have led to several resources; that they lead to the right one is seen from the ids.
            return Ok(found.get("error").is_none());
        }
        let life = &self.lives[key];
        let version = life.puts.iter().filter(|put| **put <= revision).count() as u64;
        let is_there = version > 0 && life.deleted.is_none_or(|deleted| deleted > revision);
        Ok(found.get("error").is_none() && served.map(|served| place(served).1) == is_there.then_some(version))
    }
}

/// The commit of what was acknowledged.
fn committed(ack: &Ack, lives: &BTreeMap<String, Life>) -> Revision {
    let life = &lives[&ack.id];
    if ack.token.is_some() { life.puts[ack.version as usize - 1] } else { life.deleted.unwrap() }
}

fn place(object: &Value) -> (String, u64) {
    let metadata = &object["metadata"];
    (metadata["id"].as_str().unwrap().to_owned(), metadata["resourceVersion"].as_u64().unwrap())
}

/// Damages a file of a folder somewhere, and says how.
fn spoil(folder: &Path, chance: &mut Chance) -> String {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.is_file());
    files.sort();
    // Nearly all is in the data file.
    let any = chance.below(files.len() as u64) as usize;
    let file = if chance.one_in(5) { files[any].clone() } else { folder.join("db") };
    let mut bytes = std::fs::read(&file).unwrap();
    // Behind what was written there are zeros only.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1).max(1);
    let place = chance.below(end as u64) as usize;
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let what = match chance.below(4) {
        0 => {
            bytes.truncate(place);
            format!("{name} ends at {place}")
        }
        1 => {
            let count = (1 + chance.below(4096) as usize).min(bytes.len() - place);
            bytes[place..place + count].fill(0);
            format!("{name} has {count} zeros at {place}")
        }
        _ => {
            let bit = chance.below(8);
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 1 << bit;
            }
            format!("{name} has bit {bit} flipped at {place}")
        }
    };
    let mut out = OpenOptions::new().write(true).truncate(true).open(&file).unwrap();
    out.write_all(&bytes).unwrap();
    what
}

/// The exit code of the command.
fn check(folder: &Path) -> Result<i32, String> {
    let output =
        Command::new(binary()).args(["check", "--store"]).arg(format!("sled:{}", folder.display())).output().unwrap();
    let error = || String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(code @ (0 | 1)) => Ok(code),
        _ => Err(format!("check ended with {}: {}", output.status, error())),
    }
}

/// What a program finds that opens the folder.
fn survey<'a>(folder: &Path, keys: impl Iterator<Item = &'a String>) -> Result<Value, String> {
    let mut command = Command::new(example("survey"));
    let mut child =
        command.arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let keys: String = keys.map(|key| format!("{key}\n")).collect();
    // It may have ended already.
    let _ = child.stdin.take().unwrap().write_all(keys.as_bytes());
    let output = child.wait_with_output().unwrap();
    let error = || String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(format!("the survey ended with {}: {}", output.status, error()));
    }
    serde_json::from_slice(&output.stdout).map_err(|why| format!("{why}: {}", error()))
}
