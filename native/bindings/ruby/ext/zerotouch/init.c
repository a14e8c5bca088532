/* The extension behind the gem zerotouch. */
#include "zt.h"

VALUE zt_module, zt_convert, zt_ext_class, zt_set_class;

NORETURN(static void raise_it(ztc_status status, const char *message, const char *path,
                              VALUE publishing));
static void raise_it(ztc_status status, const char *message, const char *path, VALUE publishing) {
  rb_exc_raise(rb_funcall(zt_module, rb_intern("_error"), 4,
                          rb_str_new_cstr(ztc_status_name(status)),
                          rb_enc_str_new_cstr(message, rb_utf8_encoding()),
                          path != NULL ? rb_filesystem_str_new_cstr(path) : Qnil, publishing));
}

void zt_raise(ztc_status status, const char *message, const char *path) {
  raise_it(status, message, path, Qfalse);
}

void zt_raise_error(const ztc_error *error, const char *path, bool publishing) {
  raise_it(error->status, error->message, path, publishing ? Qtrue : Qfalse);
}

__attribute__((visibility("default"))) void Init_native(void);

void Init_native(void) {
  if (ztc_abi_version() != ZTC_ABI_VERSION) {
    rb_raise(rb_eLoadError, "zerotouch was built for ABI %d of the C library and found %d",
             ZTC_ABI_VERSION, (int)ztc_abi_version());
  }
  zt_module = rb_define_module("ZeroTouch");
  zt_convert = rb_const_get(zt_module, rb_intern("Convert"));
  zt_ext_class = rb_const_get(zt_module, rb_intern("Ext"));
  zt_set_class = rb_const_get(rb_cObject, rb_intern("Set"));
  rb_gc_register_mark_object(zt_module);
  rb_gc_register_mark_object(zt_convert);
  rb_gc_register_mark_object(zt_ext_class);
  rb_gc_register_mark_object(zt_set_class);
  zt_region_init();
  zt_publish_init();
  zt_fill_init();
}
