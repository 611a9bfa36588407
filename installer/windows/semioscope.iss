; The installer for Windows: for one account, without administrator's rights. /VERYSILENT asks nothing.
[Setup]
AppId=Semioscope
AppName=Semioscope
AppVersion={#Version}
DefaultDirName={autopf}\Semioscope
DefaultGroupName=Semioscope
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
Compression=lzma2/ultra64
SolidCompression=yes
OutputDir=..\..\dist
OutputBaseFilename=Semioscope-{#Version}-setup
UninstallDisplayName=Semioscope

[Files]
Source: "..\..\build\bundle\dist\semioscope\*"; DestDir: "{app}"; Flags: recursesubdirs

[Icons]
Name: "{group}\Semioscope"; Filename: "{app}\semioscope.exe"

[Registry]
Root: HKA; Subkey: "Software\Classes\Applications\semioscope.exe\shell\open\command"; ValueType: string; ValueData: """{app}\semioscope.exe"" open ""%1"""; Flags: uninsdeletekey
; A study is a folder named NAME.semioscope; it opens from the menu of such folders.
Root: HKA; Subkey: "Software\Classes\Directory\shell\Semioscope"; ValueType: string; ValueData: "Open with Semioscope"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Directory\shell\Semioscope"; ValueType: string; ValueName: "AppliesTo"; ValueData: "System.FileName:~>"".semioscope"""
Root: HKA; Subkey: "Software\Classes\Directory\shell\Semioscope\command"; ValueType: string; ValueData: """{app}\semioscope.exe"" open ""%1"""
