//! Makes the JavaScript of a wasm module: `kindstore-wasm-bindgen MODULE FOLDER`.

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

#[expect(clippy::print_stderr, reason = "a tool that says what went wrong")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(module), Some(folder), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("usage: kindstore-wasm-bindgen MODULE FOLDER");
        return ExitCode::from(2);
    };
    // One module of JavaScript for browsers, bundlers and Node; its types are written by hand.
    let mut bindgen = Bindgen::new();
    let made = bindgen
        .input_path(module)
        .out_name("module")
        .typescript(false)
        .omit_default_module_path(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(folder));
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the JavaScript of the module cannot be made: {error:#}");
            ExitCode::FAILURE
        }
    }
}
