//! Makes the JavaScript of wasm modules: `kindstore-wasm-bindgen FOLDER MODULE NAME [MODULE NAME]...`.

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

#[expect(clippy::print_stderr, reason = "a tool that says what went wrong")]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((folder, modules)) = words.split_first().filter(|(_, modules)| !modules.is_empty()) else {
        eprintln!("usage: kindstore-wasm-bindgen FOLDER MODULE NAME [MODULE NAME]...");
        return ExitCode::from(2);
    };
    for pair in modules.chunks(2) {
        let [module, name] = pair else {
            eprintln!("the module {} has no name", pair[0]);
            return ExitCode::from(2);
        };
        // One file of JavaScript for browsers, bundlers and Node; its types are written by hand. A module that has failed can
        // be begun anew.
        let made = Bindgen::new()
            .input_path(module)
            .out_name(name)
            .typescript(false)
            .omit_default_module_path(true)
            .reset_state_function(true)
            .web(true)
            .and_then(|bindgen| bindgen.generate(folder));
        if let Err(error) = made {
            eprintln!("the JavaScript of {module} cannot be made: {error:#}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
