package pool

// LooksSecret tells whether a value is a secret by the name that it has or by its own looks. It errs to yes.
func LooksSecret(name, value string) bool { return isSecretName(name) || isSecretValue(value) }
