// The JavaScript half of Embind, for what bindings/embind.cc registers: functions of numbers alone, whose arguments and
// results WebAssembly converts by itself. Emscripten's own half is 4 kB after gzip of classes, strings and checks that
// nothing here uses, and takes longer for a call than many of the functions do.
/* global LibraryManager, Module, HEAPU8, mergeInto, wasmTable */
mergeInto(LibraryManager.library, {
  /**
   * @param {number} name the address of a C string
   * @param {number} argCount
   * @param {number} argTypes
   * @param {number} signature
   * @param {number} invoker
   * @param {number} target the function's place in the table
   */
  _embind_register_function: function (name, argCount, argTypes, signature, invoker, target) {
    let text = '';
    while (HEAPU8[name]) text += String.fromCharCode(HEAPU8[name++]);
    Module[text] = wasmTable.get(target);
  },
});
