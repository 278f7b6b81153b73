// Only in a static vlmshim: libuv's uv_os_homedir and the like, which are never called here, refer to getpwuid_r(3).
// That would link NSS, which loads shared libraries of the very glibc it was built with. The linker redirects the
// reference to this (--wrap=getpwuid_r).
#include <pwd.h>

#include <cerrno>
#include <cstddef>

extern "C" int __wrap_getpwuid_r(uid_t, passwd*, char*, std::size_t, passwd** result);

extern "C" int __wrap_getpwuid_r(uid_t, passwd*, char*, std::size_t, passwd** result) {
    *result = nullptr;
    return ENOENT;
}
