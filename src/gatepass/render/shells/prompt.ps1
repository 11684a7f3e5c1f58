
# The prompt: whose account this is, in front of your own; nothing is run while you are in none.
if (-not (Test-Path Function:\GatepassOwnPrompt)) {
    Copy-Item Function:\prompt Function:\global:GatepassOwnPrompt
    function global:prompt {
        $code = $global:LASTEXITCODE
        $segment = if ($env:GATEPASS_ROLE) { Invoke-Gatepass @('prompt', '--shell', 'powershell') 2>$null }
        $global:LASTEXITCODE = $code
        $(if ($segment) { "$segment " }) + (GatepassOwnPrompt)
    }
}
