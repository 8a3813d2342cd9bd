// Package sharing keeps the links by which config directories have settings and transcripts in common.
//
// A link is direct and absolute: it names the file at the end of all links, since the CLI follows one hop only
// when it replaces a file. Where a link was replaced all the same, what is in its place and what it led to are
// two versions of one thing: the newer one is kept, and both go into a backup where they differ.
//
// No credential is ever touched: what can be shared is a list, claudecli.SharedEntries, and no login is on it. Since
// settings can hold a key all the same, versions are moved and linked, never copied, and a backup stays in the user's
// own config directory.
package sharing
