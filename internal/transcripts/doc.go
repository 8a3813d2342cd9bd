// Package transcripts reads the CLI's transcripts into the ledger: each from where it was read to last,
// in constant memory, whatever is in it.
package transcripts
