//! The cases: requests in order with the expected answers, in `cases/<kind>/*.yaml`. Every binding plays every case, and
//! all must give the same answers.

mod answer;
mod player;
mod simulate;
mod source;
mod step;

use std::path::{Path, PathBuf};

use kindstore::manifest::{Format, Limits};
use kindstore::{Json, Registry, Store};

use self::answer::Answer;
use self::player::Player;
use self::step::Step;

#[test]
fn every_binding_gives_the_same_answer_to_every_case() {
    let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"));
    assert!(files.len() >= 9, "there is a folder of cases for every kind");
    let failures: Vec<String> = files.iter().filter_map(|file| play(file).err()).collect();
    assert!(failures.is_empty(), "{} of {} cases fail:\n{}", failures.len(), files.len(), failures.join("\n"));
}

/// Plays one case through every binding: each answer is as expected, and all bindings agree.
fn play(file: &Path) -> Result<(), String> {
    let name = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
    let text = std::fs::read(file).unwrap();
    let case = kindstore::manifest::read(&text, Format::Yaml, &Limits::default())
        .map_err(|why| format!("{name}: {why}"))?
        .value;
    play_with(&name, &case, None)
}

/// Plays a case on stores of these kinds, or of the built-in ones.
pub(crate) fn play_with(name: &str, case: &Json, registry: Option<&Registry>) -> Result<(), String> {
    let plain_secrets = case.get("plainSecrets") == Some(&Json::from(true));
    let mut transcripts: Vec<(String, Vec<Answer>)> = Vec::new();
    for mut player in player::all(plain_secrets, registry) {
        let mut steps = step::Steps::new(case);
        let mut transcript = Vec::new();
        while let Some(step) = steps.next() {
            let answer = step.run(player.as_mut());
            answer.check(&step).map_err(|why| format!("{name}, step {}, {}: {why}", step.number, player.name()))?;
            steps.keep(&step, &answer);
            transcript.push(answer);
        }
        transcripts.push((player.name(), transcript));
    }
    let (first, expected) = &transcripts[0];
    for (other, transcript) in &transcripts[1..] {
        for (number, (one, two)) in expected.iter().zip(transcript).enumerate() {
            if one != two {
                return Err(format!("{name}, step {}: {first} and {other} differ:\n  {one:?}\n  {two:?}", number + 1));
            }
        }
    }
    Ok(())
}

/// The address of a server over a store, which serves as long as the process lives.
pub(crate) fn hosted(store: Store) -> std::net::SocketAddr {
    let hosted = player::Hosted::new(store);
    let address = hosted.address;
    std::mem::forget(hosted);
    address
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

impl Step {
    fn run(&self, player: &mut dyn Player) -> Answer {
        let answer = if self.is_system { player::system(player.store(), self) } else { player.play(self) };
        if self.has_text() { answer } else { answer.without_places() }
    }
}
