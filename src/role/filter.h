// SPDX-License-Identifier: ISC
// What a process may ask of the kernel, as promises in the way of pledge(2) of OpenBSD. Whatever is
// not promised ends the process at once, by SIGSYS (seccomp(2)).
#pragma once

// Everything that only uses what is open already stands in FILTER_STDIO; the others say what may be
// opened, and what else may be done.
enum filter_promise {
    FILTER_STDIO = 1 << 0,     // read, write, wait, remember: every role
    FILTER_INET = 1 << 1,      // new sockets of IPv4 and IPv6
    FILTER_ROUTING = 1 << 2,   // new netlink sockets
    FILTER_LOCAL = 1 << 3,     // new UNIX sockets
    FILTER_LINKS = 1 << 4,     // what interfaces are like, and which the kernel takes
    FILTER_LOOK = 1 << 5,      // whether a file is there
    FILTER_READ = 1 << 6,      // open files to read
    FILTER_WRITE = 1 << 7,     // make, open, rename and remove files
    FILTER_THREAD = 1 << 8,    // threads; never processes
    FILTER_CHILDREN = 1 << 9,  // learns of its children's ends
    // Runs programs, which inherit the filter: everything but what no program that people would
    // have us run has a use for, which fails by EPERM. The other promises mean nothing then.
    FILTER_PROGRAMS = 1 << 10,
};

// For good, also for whatever this process starts. 0: nothing is filtered, which only tests ask
// for. 0 or -errno; needs no_new_privs. In a build with sanitizers what their runtime does is
// promised too: to read files; and to FILTER_CHILDREN, the parent, everything.
int filter_apply(unsigned promises);
