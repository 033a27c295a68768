//! The macro [`tcp_table!`]. One declarative table becomes TCP's state machine, the look-ahead that a model asks, and the
//! static table from which the documents are written.
//!
//! The macro [`macro@breakable`] puts faults into the functions that the rows name, for those who look whether anybody notices.
//!
//! The macros are used through [`tcpspec`](https://docs.rs/tcpspec), which holds the table of TCP and the guards and effects that its rows name.
//!
//! The pipeline, file by file: `parse` (tokens → `ast`), `resolve` (names → `ir`), `flow` (which row is first, by state), `expect`
//! (what an expected event must be like), `check` (totality, shadowing, reachability), `emit` (code); `bodies` stands apart. Errors are gathered with their spans and reported
//! together; a stub expansion keeps them from causing others.

mod ast;
mod bodies;
#[cfg(test)]
mod broken;
mod check;
mod cube;
mod emit;
mod errors;
mod expand;
mod expect;
mod flow;
mod generator;
mod ir;
mod parse;
mod resolve;
#[cfg(test)]
mod tests;

/// Makes a state machine of a table of states, events, ordered steps and rows.
///
/// The names `guards`, `effects`, `Tcb`, `Space`, `Host`, `CallError`, `info` and the events' input types must be in scope.
///
/// ```text
/// tcp_table! {
///     states { /// doc
///         Closed "CLOSED", … }                        // the first is the initial one
///     sets { /// doc
///         Open = [Listen, Established]; … }           // states or earlier sets
///     options { /// doc
///         rfc1337 = true, "RFC 1337"; … }
///     questions { /// doc
///         place -> Place { /// doc
///             Inside, … }; … }
///     timers { /// doc
///         TimeWait => time_wait; … }                  // the event that its expiry is
///     /// doc
///     event segment(Segment<S>) "§3.10.7" {
///         /// doc
///         expected Established = [name, …];           // a short way for the usual case
///         step rst "§3.10.7.4 second" in [Open] when has_rst {
///             /// One sentence.
///             name "section" [MUST-11]: Listen, Open if guard && !option(rfc1337) && place is not Outside
///                 => Closed stop { effect, start(Timer::TimeWait) };
///         }
///     }
/// }
/// ```
///
/// A row ends with `next` (go on with the following step) or `stop`, each with or without a next state before and effects after
/// it; or with `drop` (ignored), `skip` (nothing to do in this step) or `error Variant`.
///
/// `expected` makes two more functions of an event. `machine::expects_segment` says whether only the rows named can be taken, asked before
/// anything is done. `machine::segment_as_expected` takes them, without the conditions that are settled then. Both follow from the rows.
#[proc_macro]
pub fn tcp_table(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand::expand(input.into(), cfg!(feature = "mutants")).into()
}

/// A function, or the functions of an `impl` block, with faults that can be switched on: operators, comparisons at their edges, constants, fields and methods one for
/// another, conditions negated or left out, statements left out.
///
/// The space `S: Numbers`, which must be among the parameters, switches them: `S::broken(number)` says whether there is this fault. Without the feature `mutants` the
/// item is given back as it came. An item in which nothing can be broken is an error.
#[proc_macro_attribute]
pub fn breakable(
    arguments: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    bodies::attribute(&arguments.into(), item.into(), cfg!(feature = "mutants")).into()
}

/// The faults of all that is [`macro@breakable`] in these files below `src`, as a slice of `Body { number, file, function, line, what }`.
///
/// ```text
/// pub static BODIES: &[Body] = faults_of!("guards.rs", "effects.rs");
/// ```
#[proc_macro]
pub fn faults_of(files: proc_macro::TokenStream) -> proc_macro::TokenStream {
    bodies::list(files.into()).into()
}

/// The sources of this crate that decide what code a table becomes, as `&[&str]`: for stamps on documents about that code.
#[doc(hidden)]
#[proc_macro]
pub fn generator(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    generator::texts().into()
}
